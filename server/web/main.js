// The page put together: what the customer touches, types and says goes out, what the kiosk says and shows comes in.

import { Microphone, Playout, openAudio } from "./audio.js";
import { Captions, firstLink } from "./captions.js";
import { Connection } from "./connection.js";
import { Goods } from "./goods.js";
import { Words } from "./words.js";

const REPORT_EVERY_MS = 200;
const NOBODY_SPEAKS_MS = 8000;
const SOUND_OPENS_MS = 1000; // how long an answer waits for it at most
const FAREWELL_MS = 6000; // how long the last words stay, unless they are still being said
const GOODBYE_LIMIT_MS = 10000; // who wants to leave does not wait for a server that is gone
const IDLE_WARNING_S = 30;

const byId = (id) => document.getElementById(id);
const place = new URLSearchParams(location.search); // ?kiosk=K1&language=es&microphone=open
const secrets = new URLSearchParams(location.hash.slice(1)); // #token=…&customer=…: never sent in a request for a page
let customer = secrets.get("customer"); // whose card was read: for one session

const words = new Words();
const captions = new Captions(byId("captions"), words);
const goods = new Goods(words, sayFor);
const connection = new Connection({
  token: secrets.get("token"),
  onEvent: (event) => HEARD[event.type]?.(event),
  onState: showConnection,
  onLost: lose,
});

/** All that is known of the customer's talk; `clear` begins it anew. */
let talk = newTalk();
let sound = null; // { context, playout }, once the customer has touched something
let opening = null;
let microphone = null; // open only while we listen
let reportedAt = 0;
let connectionTrouble = null; // the word for it

function newTalk() {
  return {
    session: null, // kiosk.session
    language: "",
    responding: null, // "asked" or "active"
    answer: null, // the item of the newest response's words, once there are any
    replaced: null, // such an item, while the answer that takes its place is awaited
    url: null, // the clip of this answer
    isWanted: false, // an answer, once this one is over
    unsent: new Map(), // item → { text, isSeen: by the server, isAnswered: being so }; until it is answered
    isOpening: false, // the microphone
    isListening: false,
    isHearing: false, // the customer has the floor
    isSpoken: false, // what they say or have just said is not answered yet
    isOpen: place.get("microphone") === "open",
    isSilent: false, // the customer wants no sound
    activeAt: Date.now(),
    listeningTimer: 0,
    endTimer: 0,
  };
}

// what comes in

const HEARD = {
  __proto__: null,
  "kiosk.session": async (event) => {
    talk.session = event;
    byId("speaking").hidden = byId("sound").hidden = !event.is_spoken;
    offerLanguages(event);
    await use(event.language);
    document.body.dataset.ready = "";
    for (const [id, { text }] of talk.unsent) create(id, text); // typed before there was a session
    if (talk.responding === "asked") askAgain();
    if (event.is_spoken && talk.isOpen) listen();
  },
  "kiosk.resumed": ({ is_complete, is_moved, is_answered_anew }) => {
    const unknown = [...talk.unsent].filter(([, { isSeen }]) => is_moved || !isSeen);
    const isAsked = talk.responding === "asked" || unknown.length > 0 || (is_moved && talk.isWanted);
    if (!is_complete) captions.showAll();
    if (is_moved) leaveServer(isAsked, is_answered_anew);
    if (is_complete && is_answered_anew) talk.replaced = talk.answer ?? talk.replaced; // else it may be an older one's
    for (const [id, { text }] of unknown) create(id, text); // the server refuses what it has
    if (talk.session?.is_spoken) tellSound();
    if (isAsked) askAgain();
  },
  "kiosk.session_ended": ({ reason }) => end(reason),
  "kiosk.caption": (event) => {
    come();
    if (event.role === "customer") {
      const sent = talk.unsent.get(event.item_id);
      if (sent) sent.isSeen = true;
      captions.customer(event);
      return;
    }
    if (!talk.isOpen && !talk.isHearing) stopListening(); // until now the customer could go on
    if (talk.replaced) captions.renew(talk.replaced, event.item_id);
    talk.replaced = null;
    talk.answer = event.item_id;
    const isSounding = sound?.playout.isRunning && !talk.isSilent;
    captions.kiosk(event, isSounding);
    if (!isSounding) byId("announcement").textContent += event.text;
    talk.url ??= firstLink(event.text);
    if (talk.url) goods.clip(talk.url);
  },
  "kiosk.voice": ({ is_held }) => sound?.playout.hold(is_held),
  "kiosk.language": ({ language }) => use(language),
  "kiosk.products": (event) => goods.products(event),
  "kiosk.proof": (event) => {
    goods.proof(event);
    goods.clip(talk.url);
  },
  "kiosk.cart": (event) => goods.cart(event),
  "kiosk.checkout": (event) => goods.checkout(event),
  "kiosk.age_check": (event) => goods.ageCheck(event),
  "input_audio_buffer.speech_started": () => {
    come();
    talk.isHearing = talk.isSpoken = true;
    clearTimeout(talk.listeningTimer);
    sound?.playout.stop();
    showStatus();
  },
  "input_audio_buffer.speech_stopped": () => {
    talk.isHearing = false;
    showStatus();
  },
  "conversation.item.input_audio_transcription.completed": ({ item_id, transcript }) => {
    if (transcript) return;
    talk.isSpoken = talk.isHearing;
    captions.remove(item_id);
    if (!talk.isOpen && !talk.isHearing) stopListening();
    showStatus("nothing_heard");
  },
  "conversation.item.input_audio_transcription.failed": () => {
    talk.isSpoken = talk.isHearing;
    if (!talk.isOpen) stopListening();
    showStatus("failed");
  },
  "response.created": () => {
    talk.responding = "active";
    talk.isSpoken = talk.isHearing;
    talk.answer = null;
    for (const sent of talk.unsent.values()) sent.isAnswered = sent.isSeen;
    talk.url = null;
    byId("announcement").textContent = "";
    showStatus();
  },
  "response.output_audio.delta": ({ item_id, delta }) => {
    if (sound && !talk.isSilent) sound.playout.play(item_id, delta);
    showStatus();
  },
  "response.output_audio.done": ({ item_id }) => sound?.playout.end(item_id),
  "response.done": ({ response }) => {
    talk.responding = talk.replaced = null;
    for (const [id, { isAnswered }] of talk.unsent) if (isAnswered) talk.unsent.delete(id);
    talk.activeAt = Date.now();
    showStatus(response.status === "failed" ? "failed" : null);
    if (talk.isWanted) ask();
  },
  error: ({ error }) => REFUSED[error.code]?.(),
};

const REFUSED = {
  __proto__: null,
  conversation_already_has_active_response: () => {
    talk.responding = "active";
    talk.isWanted = true;
  },
  nothing_to_answer: () => {
    talk.responding = null;
    showStatus();
  },
  not_approved: () => (byId("age-note").textContent = words.get("not_approved")),
  busy: () => showStatus("busy"),
  server_error: () => showStatus("failed"),
  text_too_long: () => showStatus("failed"),
};

/** Sound goes down with its server; what was being answered is answered anew by the next one, if it knows of it. */
function leaveServer(isAsked, isAnsweredAnew) {
  const wasAnswering = talk.responding !== null;
  const wasSpoken = talk.isSpoken;
  talk.responding = null;
  talk.isHearing = talk.isSpoken = false;
  sound?.playout.hold(false);
  if (isAnsweredAnew) sound?.playout.stop();
  else if (sound?.playout.item) sound.playout.end(sound.playout.item);
  if (wasSpoken && !talk.isOpen) stopListening();
  const wasLost = wasSpoken || (wasAnswering && !isAsked && !isAnsweredAnew && talk.session.is_spoken);
  showStatus(wasLost ? "nothing_heard" : null);
}

// what the customer does

/** Say something by touch or keyboard. */
async function say(text) {
  if (!text.trim()) return;
  come();
  if (!talk.isOpen) stopListening();
  interrupt();
  const id = `typed_${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
  talk.unsent.set(id, { text, isSeen: false, isAnswered: false });
  const isSent = create(id, text);
  if (!isSent) captions.customer({ item_id: id, text, language: talk.language, is_final: false });
  const saying = talk;
  if (talk.session?.is_spoken && !talk.isSilent) await Promise.race([openSound(), passed(SOUND_OPENS_MS)]);
  if (talk === saying) ask();
}

function create(id, text) {
  return connection.send("conversation.item.create", {
    item: { id, type: "message", role: "user", content: [{ type: "input_text", text }] },
  });
}

/** Have what was said answered, now or after the answer that is being given. */
function ask() {
  talk.isWanted = talk.responding !== null;
  if (talk.isWanted) return;
  talk.responding = "asked";
  connection.send("response.create", {}, true);
  showStatus();
}

/** What was asked for reached no server that still knows of it. */
function askAgain() {
  talk.responding = null;
  ask();
}

/** What a button stands for, in the words of the talk's language. */
function sayFor(kind, n) {
  const phrase = talk.session?.phrases[talk.language]?.[kind];
  if (phrase) say(phrase.replace("{n}", n));
}

/** Stop the kiosk's voice; what it says is held to have been said up to here. */
function interrupt() {
  const item = sound?.playout.item;
  if (!item) return;
  sound.playout.stop();
  if (talk.responding === "active") connection.send("response.cancel");
  else connection.send("conversation.item.truncate", { item_id: item, content_index: 0, audio_end_ms: sound.heardMs });
}

function chooseLanguage(language) {
  if (connection.send("kiosk.language.choose", { language })) return;
  byId("language").value = talk.language;
  showStatus("busy");
}

/** Whether this customer wants to hear the answers. */
function tellSound() {
  const session = { type: "realtime", output_modalities: [talk.isSilent ? "text" : "audio"] };
  connection.send("session.update", { session });
}

/** A customer is there. */
function come() {
  if (byId("trouble").dataset.kind === "lost") trouble(connectionTrouble); // it was the last one's
  talk.activeAt = Date.now();
  byId("idle").hidden = true;
  if (document.body.dataset.state === "waiting") document.body.dataset.state = "talking";
}

function touchMicrophone() {
  if (!talk.isListening) {
    come();
    interrupt();
    listen();
    return;
  }
  if (talk.isHearing) connection.send("input_audio_buffer.commit");
  else connection.send("input_audio_buffer.clear");
  talk.isHearing = false;
  stopListening();
}

async function listen() {
  if (talk.isOpening) return;
  const asking = talk;
  const wasOpen = talk.isOpen;
  talk.isOpening = true;
  const opened = (await openSound()) ? await Microphone.open(sound.context, sendFrame).catch(() => null) : null;
  asking.isOpening = false;
  if (talk !== asking || (wasOpen && !talk.isOpen)) return opened?.close();
  if (opened === null) return showStatus("no_microphone");
  microphone = opened;
  talk.isListening = true;
  clearTimeout(talk.listeningTimer);
  if (!talk.isOpen) talk.listeningTimer = setTimeout(giveUpListening, NOBODY_SPEAKS_MS);
  showStatus();
}

function giveUpListening() {
  connection.send("input_audio_buffer.clear", {}, true);
  stopListening();
  showStatus("nothing_heard");
}

function stopListening() {
  clearTimeout(talk.listeningTimer);
  talk.isListening = false;
  microphone?.close();
  microphone = null;
  byId("microphone").style.setProperty("--level", 0);
  showStatus();
}

function sendFrame(audio, level) {
  if (!talk.isListening) return;
  connection.send("input_audio_buffer.append", { audio });
  byId("microphone").style.setProperty("--level", level.toFixed(2));
}

// the kiosk's voice

const passed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Open the sound, once the browser lets us; whether it is. */
async function openSound() {
  opening ??= openAudio().then(
    (context) => (sound = { context, playout: new Playout(context, heard), heardMs: 0 }),
    () => null,
  );
  if ((await opening) === null) return false;
  if (sound.context.state !== "running") await sound.context.resume();
  return true;
}

function heard(item, playedMs, isOver) {
  sound.heardMs = playedMs;
  captions.heard(item, playedMs);
  const now = Date.now();
  talk.activeAt = now;
  if (!isOver && now - reportedAt < REPORT_EVERY_MS) return;
  reportedAt = now;
  connection.send("kiosk.playout", { item_id: item, audio_end_ms: playedMs, is_over: isOver });
  if (isOver) showStatus();
}

// the end of a talk

/** The session is over: let the last words be heard and read, then be ready for the next customer. */
function end(reason) {
  stopListening();
  document.body.dataset.state = "ended";
  showStatus("goodbye");
  const isGone = reason === "left" || reason === "idle";
  const wait = () => {
    if (sound?.playout.item) talk.endTimer = setTimeout(wait, 500);
    else clear();
  };
  talk.endTimer = setTimeout(wait, isGone && !sound?.playout.item ? 0 : FAREWELL_MS);
}

/** No server knows the session any more. */
function lose() {
  const wasTalking = document.body.dataset.state === "talking";
  clear();
  if (wasTalking) trouble("lost");
}

/** Nothing of the customer stays; a session for the next one begins. */
function clear() {
  clearTimeout(talk.endTimer);
  stopListening();
  sound?.playout.stop();
  talk = newTalk();
  captions.clear();
  goods.clear();
  for (const form of document.forms) form.reset();
  byId("open-mic").checked = talk.isOpen;
  byId("sound").ariaPressed = "true";
  byId("announcement").textContent = "";
  byId("idle").hidden = true;
  trouble(null);
  document.body.dataset.state = "waiting";
  delete document.body.dataset.ready;
  if (document.activeElement !== document.body) document.activeElement.blur();
  scrollTo(0, 0);
  showStatus();
  begin();
}

function begin() {
  const query = {};
  for (const name of ["kiosk", "language"]) if (place.get(name)) query[name] = place.get(name);
  if (customer) query.customer = customer;
  customer = null;
  connection.begin(query);
}

// what is shown

async function use(language) {
  talk.language = language;
  await words.use(language);
  byId("language").value = language;
  for (const button of byId("languages").children) button.ariaPressed = String(button.lang === language);
  goods.translate();
  showStatus();
}

function offerLanguages({ languages, phrases }) {
  const name = (language) => phrases[language]?.endonym ?? language;
  byId("language").replaceChildren(...languages.map((language) => new Option(name(language), language)));
  const buttons = languages.map((language) => {
    const button = document.createElement("button");
    button.type = "button";
    button.lang = language;
    button.textContent = name(language);
    button.onclick = () => chooseLanguage(language);
    return button;
  });
  byId("languages").replaceChildren(...buttons);
  for (const option of byId("language").options) option.lang = option.value;
}

/** Say what happens; `name` of a word, or what follows from the talk. */
function showStatus(name = null) {
  const isPlaying = Boolean(sound?.playout.item);
  const isThinking = talk.responding && !isPlaying && !talk.isHearing;
  const doing = talk.isListening ? "listening" : isPlaying ? "interrupt" : talk.responding ? "thinking" : "speak";
  byId("microphone").dataset.doing = doing;
  byId("microphone").ariaPressed = String(talk.isListening);
  set(byId("microphone-label"), words.get(talk.isListening && talk.isHearing ? "finish" : `microphone_${doing}`));
  const happening = isThinking ? "microphone_thinking" : talk.isListening ? "microphone_listening" : "";
  set(byId("status"), words.get(name ?? happening));
}

/** Write a text, if it is another: live regions tell each change. */
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Tell what is wrong with the connection; `name` of a word, null when nothing is. */
function trouble(name) {
  byId("trouble").dataset.kind = byId("trouble-text").dataset.word = name ?? "";
  byId("trouble").hidden = name === null;
  set(byId("trouble-text"), name ? words.get(name) : "");
}

function showConnection(state) {
  byId("retry").hidden = state !== "offline";
  connectionTrouble = state === "online" ? null : state;
  if (byId("trouble").dataset.kind !== "lost") trouble(connectionTrouble);
}

/** Ask a customer who has been silent for long whether they are still there. */
function watchIdle() {
  const idleS = talk.session?.idle_s;
  const isQuiet = !talk.responding && !sound?.playout.item && document.body.dataset.state === "talking";
  const leftS = idleS - (Date.now() - talk.activeAt) / 1000;
  byId("idle").hidden = !(idleS && isQuiet && leftS < Math.min(IDLE_WARNING_S, idleS / 2));
}

/** Tell the server that the customer is there: choosing the language that is spoken changes nothing else. */
function stay() {
  if (byId("idle").hidden) return;
  come();
  connection.send("kiosk.language.choose", { language: talk.language });
}

byId("typing").onsubmit = (event) => {
  event.preventDefault();
  say(byId("text").value);
  byId("text").value = "";
};
byId("age-form").onsubmit = (event) => {
  event.preventDefault();
  byId("age-note").textContent = "";
  come();
  const approval = { name: byId("staff-name").value, pin: byId("staff-pin").value };
  if (!connection.send("kiosk.age.approve", approval)) byId("age-note").textContent = words.get("busy");
  byId("staff-pin").value = "";
};
byId("microphone").onclick = touchMicrophone;
byId("open-mic").onchange = ({ target }) => {
  talk.isOpen = target.checked;
  if (talk.isOpen) listen();
  else stopListening();
};
byId("sound").onclick = () => {
  interrupt();
  talk.isSilent = !talk.isSilent;
  byId("sound").ariaPressed = String(!talk.isSilent);
  tellSound();
};
byId("leave").onclick = () => {
  if (!connection.send("kiosk.session.end")) return clear();
  const leaving = talk;
  setTimeout(() => talk === leaving && document.body.dataset.state !== "ended" && clear(), GOODBYE_LIMIT_MS);
};
byId("help").onclick = () => sayFor("help");
byId("staff").onclick = () => sayFor("staff");
byId("stay").onclick = stay;
byId("retry").onclick = () => connection.retry();
byId("language").onchange = ({ target }) => chooseLanguage(target.value);
byId("welcome").onclick = ({ target }) => {
  if (target.closest("button") || talk.isListening) return;
  if (talk.session?.is_spoken) touchMicrophone();
  else byId("text").focus();
};
addEventListener("pointerdown", () => {
  if (document.body.dataset.state === "ended") clear();
  else if (talk.session?.is_spoken) openSound();
}, { capture: true });
addEventListener("keydown", () => talk.session?.is_spoken && openSound(), { capture: true });
byId("text").oninput = stay;
setInterval(watchIdle, 1000);

if (customer) {
  secrets.delete("customer"); // the next customer is somebody else
  history.replaceState(null, "", `#${secrets}`);
}
byId("open-mic").checked = talk.isOpen;
await words.use(place.get("language") ?? navigator.language.slice(0, 2));
begin();
