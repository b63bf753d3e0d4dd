// The audio thread: the microphone's sound goes out in frames; the kiosk's voice comes in pieces and is played in turn.

const FRAME_MS = 40;
const REPORT_MS = 40;

class MicrophoneFrames extends AudioWorkletProcessor {
  #frame = new Int16Array((sampleRate * FRAME_MS) / 1000);
  #filled = 0;
  #isOver = false;

  constructor() {
    super();
    this.port.onmessage = () => (this.#isOver = true);
  }

  process([[sound]]) {
    for (const sample of sound ?? []) {
      this.#frame[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
      if (this.#filled < this.#frame.length) continue;
      this.port.postMessage(this.#frame.slice());
      this.#filled = 0;
    }
    return !this.#isOver;
  }
}

/** Takes { item, samples }, { item, isEnd: true }, { isHeld } and { stop: true }; tells { item, playedMs, isOver }. */
class VoicePlayout extends AudioWorkletProcessor {
  #queue = [];
  #place = 0; // in the first piece of the queue
  #item = null;
  #played = 0; // samples of this item
  #unreported = 0;
  #isHeld = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if ("isHeld" in data) this.#isHeld = data.isHeld;
      else if (data.stop) this.#stop();
      else this.#queue.push(data);
    };
  }

  process(_, [[out]]) {
    let filled = 0;
    while (!this.#isHeld && filled < out.length && this.#queue.length > 0) {
      const { item, samples, isEnd } = this.#queue[0];
      if (item !== this.#item) this.#begin(item);
      if (isEnd) {
        this.#queue.shift();
        this.#report(true);
        continue;
      }
      const count = Math.min(out.length - filled, samples.length - this.#place);
      for (let i = 0; i < count; i++) out[filled + i] = samples[this.#place + i] / 32768;
      filled += count;
      this.#place += count;
      this.#played += count;
      this.#unreported += count;
      if (this.#place === samples.length) {
        this.#queue.shift();
        this.#place = 0;
      }
    }
    if (this.#unreported >= (sampleRate * REPORT_MS) / 1000) this.#report(false);
    return true;
  }

  #begin(item) {
    this.#item = item;
    this.#played = 0;
    this.#place = 0;
  }

  #stop() {
    this.#queue = [];
    this.#place = 0;
    this.#isHeld = false;
    if (this.#item !== null) this.#report(true);
  }

  #report(isOver) {
    this.#unreported = 0;
    this.port.postMessage({ item: this.#item, playedMs: Math.round((this.#played * 1000) / sampleRate), isOver });
    if (isOver) this.#item = null;
  }
}

registerProcessor("microphone-frames", MicrophoneFrames);
registerProcessor("voice-playout", VoicePlayout);
