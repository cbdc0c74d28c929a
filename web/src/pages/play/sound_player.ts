// Opus packets into sound, each piece played right behind the one before it.

export const kLeadSeconds = 0.06;
const kMostDriftSeconds = 0.2;

/** When the next piece begins: behind the last one, unless that is over or too far off. */
export function beginAt(now: number, next: number): number {
  const early = next < now + 0.005;
  const late = next > now + kLeadSeconds + kMostDriftSeconds;
  return early || late ? now + kLeadSeconds : next;
}

export class SoundPlayer {
  private readonly context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
  private readonly gain = this.context.createGain();
  private decoder: AudioDecoder | null = null;
  private next = 0;

  constructor() {
    this.gain.connect(this.context.destination);
  }

  /** Browsers play nothing before somebody has clicked. */
  unlock(): void {
    if (this.context.state === "suspended") void this.context.resume();
  }
  get playing(): boolean {
    return this.context.state === "running";
  }
  mute(muted: boolean): void {
    this.gain.gain.value = muted ? 0 : 1;
  }

  push(timestamp: number, data: Uint8Array<ArrayBuffer>): void {
    if (!this.playing) return;
    if (!this.decoder || this.decoder.state === "closed") {
      this.decoder = new AudioDecoder({ output: (piece) => this.play(piece), error: () => (this.decoder = null) });
      this.decoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 2 });
    }
    this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
    void this.context.close();
  }

  private play(piece: AudioData): void {
    const buffer = this.context.createBuffer(piece.numberOfChannels, piece.numberOfFrames, piece.sampleRate);
    for (let channel = 0; channel < piece.numberOfChannels; channel++)
      piece.copyTo(buffer.getChannelData(channel), { planeIndex: channel, format: "f32-planar" });
    piece.close();
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.gain);
    const at = beginAt(this.context.currentTime, this.next);
    source.start(at);
    this.next = at + buffer.duration;
  }
}
