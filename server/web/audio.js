// Sound both ways, as the wire has it: base64 of 16-bit samples at 24 kHz.

const WIRE_HZ = 24000; // the browser resamples from and to whatever the devices have

/** Where sound is made; it runs only after the customer has touched something, unless the browser was told otherwise. */
export async function openAudio() {
  const context = new AudioContext({ sampleRate: WIRE_HZ, latencyHint: "interactive" });
  await context.audioWorklet.addModule(new URL("worklets.js", import.meta.url).href);
  return context;
}

/** The kiosk's voice. `onPosition(item, playedMs, isOver)` is called about every 40 ms while it plays. */
export class Playout {
  #node;
  #context;
  #silenced = null; // the item that was stopped: what still comes of it is not played
  item = null; // what is played

  constructor(context, onPosition) {
    this.#context = context;
    this.#node = new AudioWorkletNode(context, "voice-playout", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.connect(context.destination);
    this.#node.port.onmessage = ({ data: { item, playedMs, isOver } }) => {
      if (isOver && item === this.item) this.item = null;
      const unheardMs = isOver ? 0 : (context.outputLatency || 0) * 1000;
      onPosition(item, Math.max(0, Math.round(playedMs - unheardMs)), isOver);
    };
  }

  get isRunning() {
    return this.#context.state === "running";
  }

  /** Play this after what came before. */
  play(item, base64) {
    if (item === this.#silenced || !this.isRunning) return;
    this.item = item;
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const samples = new Int16Array(bytes.buffer);
    this.#node.port.postMessage({ item, samples }, [samples.buffer]);
  }

  /** No more of this item will come. */
  end(item) {
    if (item === this.item) this.#node.port.postMessage({ item, isEnd: true });
  }

  /** Fall silent and keep the place, or go on from there. */
  hold(isHeld) {
    this.#node.port.postMessage({ isHeld });
  }

  /** Give up what is played. */
  stop() {
    if (this.item === null) return;
    this.#silenced = this.item;
    this.#node.port.postMessage({ stop: true });
  }
}

/** The customer's voice: `onFrame(base64, level)` is called every 40 ms until it is closed. */
export class Microphone {
  #stream;
  #node;

  static async open(context, onFrame) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    return new Microphone(context, stream, onFrame);
  }

  constructor(context, stream, onFrame) {
    this.#stream = stream;
    this.#node = new AudioWorkletNode(context, "microphone-frames", { numberOfOutputs: 0, channelCount: 1 });
    this.#node.port.onmessage = ({ data }) => onFrame(toBase64(data), loudness(data));
    context.createMediaStreamSource(stream).connect(this.#node);
  }

  /** Let go of the device: the browser's own sign says truly whether anybody listens. */
  close() {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#node.port.onmessage = null;
    this.#node.port.postMessage("end");
  }
}

function toBase64(samples) {
  return btoa(String.fromCharCode(...new Uint8Array(samples.buffer)));
}

/** From 0 to 1, as an ear would have it. */
function loudness(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.max(0, Math.min(1, 1 + Math.log10(power / 32768 ** 2 + 1e-6) / 5));
}
