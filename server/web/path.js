// The way through the graph as a picture: kiosk.proof comes in, an SVG with a text alternative goes out.

const SVG = "http://www.w3.org/2000/svg";
const FONT_PX = 16;
const LINE_PX = 21;
const PAD_PX = 14;
const GAP_PX = 46; // between two nodes, at least; the arrow and its name stand there
const ARROW_X = 28;
const SIDE_PX = 30; // beside the nodes, for arrows that pass by others
const HUES = 6;

/** Draw the path so wide; nodes stand below one another in the order they were walked. */
export function drawPath({ nodes, edges }, width) {
  const byWay = new Map(nodes.map((node, place) => [node.id, place]));
  const ways = edges.map((edge) => ({ ...edge, from: byWay.get(edge.source), to: byWay.get(edge.target) }));
  const passing = ways.filter(({ from, to }) => Math.abs(from - to) !== 1);
  const boxWidth = width - 2 - (passing.length ? SIDE_PX + 14 * (passing.length - 1) : 0);
  const passingInto = nodes.map((_, place) => passing.filter(({ from, to }) => Math.max(from, to) === place));
  const boxes = stacked(nodes, boxWidth, passingInto.map((above) => Math.max(GAP_PX, GAP_PX / 2 + LINE_PX * above.length)));
  const height = boxes.at(-1).bottom + 2;

  const picture = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "path" });
  const title = element("title", { id: "path-text" }, nodes.length ? inWords(nodes, edges) : "");
  picture.setAttribute("aria-labelledby", "path-text");
  picture.append(title, arrowHead());
  ways.forEach((way) => {
    const lane = passing.indexOf(way);
    const row = passingInto[Math.max(way.from, way.to)].indexOf(way);
    picture.append(lane < 0 ? straight(way, boxes) : around(way, boxes, boxWidth, lane, row));
  });
  boxes.forEach((box, place) => picture.append(drawn(box, boxWidth, place)));
  return picture;
}

/** The same as a sentence for each edge. */
export function inWords(nodes, edges) {
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  return edges.map(({ source, relation, target }) => `${names.get(source)} — ${spaced(relation)} → ${names.get(target)}`).join("; ");
}

/** The nodes below one another, `gaps[place]` above each but the first. */
function stacked(nodes, width, gaps) {
  const hues = [...new Set(nodes.map((node) => node.type))];
  let top = 1;
  return nodes.map((node, place) => {
    if (place) top += gaps[place];
    const lines = wrapped(node.name, Math.floor((width - 2 * PAD_PX - 8) / FONT_PX));
    const bottom = top + 2 * PAD_PX + LINE_PX * (lines.length + 0.9);
    const box = { node, lines, top, bottom, hue: hues.indexOf(node.type) % HUES };
    top = bottom;
    return box;
  });
}

function drawn({ node, lines, top, bottom, hue }, width, place) {
  const group = element("g", { class: `node hue-${hue}` });
  group.style.setProperty("--place", place);
  group.append(
    element("rect", { x: 1, y: top, width, height: bottom - top, rx: 12 }),
    element("rect", { x: 1, y: top + 10, width: 6, height: bottom - top - 20, rx: 3, class: "mark" }),
    element("text", { x: PAD_PX + 8, y: top + PAD_PX + 12, class: "type" }, spaced(node.type)),
  );
  lines.forEach((line, at) => {
    const y = top + PAD_PX + 12 + LINE_PX * (at + 1);
    group.append(element("text", { x: PAD_PX + 8, y, class: "name" }, line));
  });
  return group;
}

/** An arrow between neighbours. */
function straight({ from, to, relation }, boxes) {
  const isDown = from < to;
  const [upper, lower] = isDown ? [boxes[from], boxes[to]] : [boxes[to], boxes[from]];
  const [start, end] = isDown ? [upper.bottom, lower.top - 2] : [lower.top, upper.bottom + 2];
  const group = element("g", { class: "edge" });
  group.append(
    element("path", { d: `M${ARROW_X} ${start}V${end}`, "marker-end": "url(#arrow-head)" }),
    element("text", { x: ARROW_X + 14, y: (upper.bottom + lower.top) / 2 + 5 }, spaced(relation)),
  );
  return group;
}

/** An arrow past other nodes, in a lane of its own; its name is in a row of its own above the lower node. */
function around({ from, to, relation }, boxes, width, lane, row) {
  const middle = ({ top, bottom }) => (top + bottom) / 2;
  const [start, end] = [middle(boxes[from]) + 6, middle(boxes[to]) - 6];
  const x = width + SIDE_PX - 10 + 14 * lane;
  const name = element("text", { x: width + SIDE_PX - 16, y: boxes[Math.max(from, to)].top - 12 - LINE_PX * row, class: "around" }, spaced(relation));
  const group = element("g", { class: "edge" });
  const corner = start < end ? 10 : -10;
  const d = `M${width + 1} ${start}H${x - 10}Q${x} ${start} ${x} ${start + corner}V${end - corner}Q${x} ${end} ${x - 10} ${end}H${width + 4}`;
  group.append(element("path", { d, "marker-end": "url(#arrow-head)" }), name);
  return group;
}

function arrowHead() {
  const marker = element("marker", {
    id: "arrow-head", viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse",
  });
  marker.append(element("path", { d: "M0 0L10 5L0 10z" }));
  const defs = element("defs", {});
  defs.append(marker);
  return defs;
}

/** Lines of about so many wide letters; narrow ones count for less. */
function wrapped(text, limit) {
  const lines = [""];
  let room = limit;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    const size = [...segment].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.56), 0);
    if (size > room && lines.at(-1)) {
      lines.push("");
      room = limit;
    }
    if (segment.trim() || lines.at(-1)) lines[lines.length - 1] += segment;
    room -= size;
  }
  return lines;
}

function spaced(name) {
  return name.replaceAll("_", " ");
}

function element(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
