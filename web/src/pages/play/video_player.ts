// Access units into pictures. Always ready to begin anew at a keyframe: a decoder that fails or falls behind is one keyframe
// away from being well again.
import { codecString, type Media, sequenceParameterSet } from "./wire";

export interface VideoPlayerOptions {
  onFrame: (frame: VideoFrame) => void; // to be closed by whom it is given
  askForKeyframe: () => void;
  makeDecoder?: (init: VideoDecoderInit) => VideoDecoder;
}

const kMostQueued = 12; // units that wait in the decoder: a fifth of a second at 60 Hz

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class VideoPlayer {
  private decoder: VideoDecoder | null = null;
  private parameters: Uint8Array | null = null;
  private waiting = true; // for a keyframe

  constructor(private readonly options: VideoPlayerOptions) {}

  push(unit: Media): void {
    if (unit.keyframe) {
      const parameters = sequenceParameterSet(unit.payload);
      if (parameters && !(this.decoder && this.parameters && same(parameters, this.parameters))) this.configure(parameters.slice());
      if (this.decoder) this.waiting = false;
    }
    if (this.waiting || !this.decoder) return;
    if (this.decoder.decodeQueueSize > kMostQueued && !unit.keyframe) return this.startOver();
    try {
      this.decoder.decode(new EncodedVideoChunk({ type: unit.keyframe ? "key" : "delta", timestamp: unit.timestampUs, data: unit.payload }));
    } catch {
      this.startOver(); // it was closed by an error meanwhile
    }
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }

  private configure(parameters: Uint8Array): void {
    this.close();
    const make = this.options.makeDecoder ?? ((init) => new VideoDecoder(init));
    const decoder = make({
      output: (frame) => (this.decoder === decoder ? this.options.onFrame(frame) : frame.close()),
      error: () => {
        if (this.decoder === decoder) this.startOver();
      },
    });
    this.decoder = decoder;
    this.parameters = parameters;
    decoder.configure({ codec: codecString(parameters), optimizeForLatency: true, hardwareAcceleration: "no-preference" });
  }

  private startOver(): void {
    this.close();
    if (!this.waiting) this.options.askForKeyframe();
    this.waiting = true;
  }
}
