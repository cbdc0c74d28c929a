// The WebSocket to the host: what is sent and what comes, in the page's own terms.
import { bitrateFor, encodeInput, type HostMessage, type InputEvent, type Media, type Mode, parseHostMessage, parseMedia } from "./wire";

export interface PlayHandlers {
  onMessage: (message: HostMessage) => void;
  onMedia: (media: Media) => void;
  /** The connection is over, by this code of the WebSocket's; the host's own reason came before, if it had one. */
  onClose: (code: number) => void;
}

export class PlayConnection {
  private readonly socket: WebSocket;
  private mode: Mode;
  private started = false;

  constructor(mode: Mode, sound: boolean, handlers: PlayHandlers) {
    this.mode = mode;
    this.socket = new WebSocket(`wss://${location.host}/api/v1/play`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.started = true;
      this.say({ type: "start", ...this.mode, bitrate_kbps: bitrateFor(this.mode), sound });
    };
    this.socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") {
        const message = parseHostMessage(data);
        if (message) handlers.onMessage(message);
      } else {
        const media = parseMedia(data);
        if (media) handlers.onMedia(media);
      }
    };
    this.socket.onclose = ({ code }) => handlers.onClose(code);
  }

  resize(mode: Mode): void {
    if (mode.width === this.mode.width && mode.height === this.mode.height) return;
    this.mode = mode;
    if (this.started) this.say({ type: "resize", ...mode });
  }

  askForKeyframe = (): void => this.say({ type: "keyframe" });

  send(events: readonly InputEvent[]): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    for (const event of events) this.socket.send(encodeInput(event));
  }

  close(): void {
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
  }

  private say(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
