// What both sides say, as it is said: captions come in and are shown, the kiosk's in step with its voice.

const LINK = /https?:\/\/[^\s<>"'“”]+[^\s<>"'“”.,;:!?)\]。、]/g;

export class Captions {
  #list;
  #words;
  #bubbles = new Map(); // item → { node, pieces, heardMs }

  constructor(list, words) {
    this.#list = list;
    this.#words = words;
  }

  /** The customer's words; what is not final is replaced. */
  customer({ item_id, text, language, is_final }) {
    const { node } = this.#bubble(item_id, "customer", language);
    node.classList.toggle("partial", !is_final);
    node.lastChild.replaceChildren(...linked(text));
    this.#scroll();
  }

  /** The kiosk's words: shown when they are heard, or at once where they are only written. */
  kiosk({ item_id, text, language, audio_start_ms, audio_end_ms }, isSounding) {
    const bubble = this.#bubble(item_id, "kiosk", language);
    const isHeard = isSounding && audio_start_ms !== null;
    bubble.pieces.push({ text, startMs: isHeard ? audio_start_ms : 0, endMs: isHeard ? audio_end_ms : 0 });
    this.#show(bubble);
  }

  /** Another item takes the place of this one, whose words stand until those of the other are heard. */
  renew(item, other) {
    const bubble = this.#bubbles.get(item);
    if (bubble === undefined) return;
    this.#bubbles.delete(item);
    this.#bubbles.set(other, { ...bubble, pieces: [], heardMs: 0, shown: "" });
  }

  /** So much of an item's voice was heard. At its end that is all there is, unless it was cut short. */
  heard(item, playedMs) {
    const bubble = this.#bubbles.get(item);
    if (bubble === undefined) return;
    bubble.heardMs = playedMs;
    this.#show(bubble);
  }

  /** Sound was lost: show all words. */
  showAll() {
    for (const item of this.#bubbles.keys()) this.heard(item, Infinity);
  }

  /** Whoever seemed to speak said nothing. */
  remove(item) {
    this.#bubbles.get(item)?.node.remove();
    this.#bubbles.delete(item);
  }

  clear() {
    this.#list.replaceChildren();
    this.#bubbles.clear();
  }

  #bubble(item, role, language) {
    let bubble = this.#bubbles.get(item);
    if (bubble === undefined) {
      const node = document.createElement("li");
      node.className = `caption ${role}`;
      const who = document.createElement("span");
      who.className = "who";
      who.dataset.word = role === "kiosk" ? "kiosk" : "you";
      who.textContent = this.#words.get(who.dataset.word);
      const said = document.createElement("p");
      said.lang = language;
      node.append(who, said);
      bubble = { node, pieces: [], heardMs: 0, shown: "" };
      this.#bubbles.set(item, bubble);
    }
    return bubble;
  }

  #show(bubble) {
    const text = bubble.pieces.map((piece) => heardPart(piece, bubble.heardMs, bubble.node.lastChild.lang)).join("");
    if (text === bubble.shown) return; // the customer's bubbles too: they have no pieces
    bubble.shown = text;
    bubble.node.lastChild.replaceChildren(...linked(text));
    this.#scroll(bubble.node);
  }

  #scroll() {
    for (const { node } of this.#bubbles.values()) {
      if (!node.isConnected && node.lastChild.textContent) this.#list.append(node);
    }
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}

/** The first link of a text, or null. */
export function firstLink(text) {
  return text.match(LINK)?.[0] ?? null;
}

/** A link to a page elsewhere, which learns nothing of this one. */
export function link(url, text) {
  const node = document.createElement("a");
  node.href = url; // LINK lets only http and https through
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  node.textContent = text;
  return node;
}

function heardPart({ text, startMs, endMs }, heardMs, language) {
  if (heardMs >= endMs) return text;
  if (heardMs <= startMs) return "";
  const words = [...new Intl.Segmenter(language, { granularity: "word" }).segment(text)];
  const count = Math.ceil((words.length * (heardMs - startMs)) / (endMs - startMs));
  return text.slice(0, words[count]?.index ?? text.length);
}

function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: url, index } of text.matchAll(LINK)) {
    nodes.push(text.slice(end, index), link(url, url));
    end = index + url.length;
  }
  return [...nodes, text.slice(end)];
}
