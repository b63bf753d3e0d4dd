// One customer's session over a websocket: events go both ways, and a connection that drops is taken up again.

const RETRY_MS = [300, 600, 1200, 2500, 5000, 10000];
const HOPEFUL_TRIES = 5; // in ten seconds, or half a minute where connecting takes long, another server has gone on, or none will soon
const CONNECT_LIMIT_MS = 4000;
const ANSWER_LIMIT_MS = 10000; // a machine that lost its power closes no connection

export class Connection {
  #socket = null;
  #isWanted = false;
  #tries = 0;
  #retrying = 0;
  #resume = null; // { token, limitMs }; it is kept nowhere but here
  #last = 0; // the number of the newest event
  #lapsing = 0;
  #silent = 0;

  /** `token` is the kiosk's. Told are `onEvent(event)`, `onState(state)`, which is "online", "reconnecting" or, when
   * that takes long, "offline", and `onLost()`: the session is no more. */
  constructor({ token, onEvent, onState, onLost }) {
    Object.assign(this, { token, onEvent, onState, onLost });
    addEventListener("online", () => this.retry());
  }

  /** Begin a session; `query` says for whom. */
  begin(query) {
    this.query = query;
    this.#forget();
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#isWanted = true;
    this.#connect();
  }

  /** Do not wait until it is time for the next try. */
  retry() {
    if (this.#retrying) this.#connect();
  }

  /** Send an event; false while there is no connection. One that is answered at once tells whether the server lives. */
  send(type, fields = {}, isAnsweredAtOnce = false) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ type, ...fields }));
    if (isAnsweredAtOnce) this.#silent ||= setTimeout(() => this.#leave(), ANSWER_LIMIT_MS);
    return true;
  }

  #connect() {
    clearTimeout(this.#retrying);
    this.#retrying = 0;
    const url = new URL("v1/realtime", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    url.search = new URLSearchParams(this.#resume ? { after: `event_${this.#last}` } : this.query);
    const protocols = ["realtime"];
    if (this.token) protocols.push(`openai-insecure-api-key.${this.token}`);
    if (this.#resume) protocols.push(`walkiosk-resume.${this.#resume.token}`);
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    const limit = setTimeout(() => socket.close(), CONNECT_LIMIT_MS);
    socket.onopen = () => clearTimeout(limit);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#read(JSON.parse(data));
    socket.onclose = () => {
      clearTimeout(limit);
      if (this.#socket === socket) this.#closed();
    };
  }

  #read(event) {
    this.#expectNothing();
    const number = Number(event.event_id.replace("event_", ""));
    if (number === 0) return this.#refused(event.error.code);
    if (number <= this.#last) return; // it was sent again
    this.#last = number;
    this.#tries = 0;
    clearTimeout(this.#lapsing);
    this.#lapsing = 0;
    this.onState("online");
    if (event.type === "kiosk.session") this.#resume = { token: event.resume_token, limitMs: event.resume_s * 1000 };
    if (event.type === "kiosk.session_ended") this.#forget();
    if (event.type === "kiosk.reconnect") this.#socket.close(); // the server stops: another one goes on
    this.onEvent(event);
  }

  /** There is no session: say so where one was to be resumed; without the customer where the shop knows no such one. */
  #refused(code) {
    if (code === "cannot_resume") this.#lost();
    if (code === "no_session") delete this.query.customer;
  }

  /** No answer is waited for. */
  #expectNothing() {
    clearTimeout(this.#silent);
    this.#silent = 0;
  }

  /** The server is gone without a word. */
  #leave() {
    this.#socket?.close();
    this.#closed();
  }

  #closed() {
    this.#socket = null;
    this.#expectNothing();
    if (!this.#isWanted) return;
    if (this.#resume && !this.#lapsing) this.#lapsing = setTimeout(() => this.#lost(), this.#resume.limitMs);
    const waitMs = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
    this.#tries += 1;
    if (this.#tries > 1) this.onState(this.#tries > HOPEFUL_TRIES ? "offline" : "reconnecting");
    this.#retrying = setTimeout(() => this.#connect(), waitMs);
  }

  #lost() {
    this.#forget();
    this.onLost();
  }

  /** Keep nothing of the session. */
  #forget() {
    clearTimeout(this.#lapsing);
    clearTimeout(this.#retrying);
    this.#expectNothing();
    this.#lapsing = this.#retrying = this.#last = 0;
    this.#isWanted = false;
    this.#resume = null;
  }
}
