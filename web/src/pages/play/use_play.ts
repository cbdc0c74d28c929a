// One stream into a canvas, from the first connection to its end, and again.
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

import { captureInput } from "./capture";
import { PlayConnection } from "./play_connection";
import { SoundPlayer } from "./sound_player";
import { VideoPlayer } from "./video_player";
import { type InputEvent, type Mode, modeFor } from "./wire";

export interface Figures {
  fps: number;
  kbps: number;
}
export type PlayState =
  | { phase: "connecting" }
  | { phase: "playing"; mode: Mode; encoder: string; sound: boolean; figures: Figures | null }
  /** The host's words, and the code that the connection was closed with a moment later. */
  | { phase: "over"; reason: string; code: number | null };

const kResizeMs = 200;

export interface Play {
  state: PlayState;
  again: () => void;
  send: (events: readonly InputEvent[]) => void;
  unlock: () => void;
  setMuted: (muted: boolean) => void;
}

export function usePlay(canvasRef: RefObject<HTMLCanvasElement | null>, onEscape: () => void): Play {
  const [state, setState] = useState<PlayState>({ phase: "connecting" });
  const [round, setRound] = useState(0);
  const connection = useRef<PlayConnection | null>(null);
  const sound = useRef<SoundPlayer | null>(null);
  const muted = useRef(false);

  useEffect(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d", { alpha: false, desynchronized: true });
    if (!canvas || !context) return;
    setState({ phase: "connecting" });
    const counts = { frames: 0, bytes: 0 };

    const wanted = () => modeFor(canvas.clientWidth, canvas.clientHeight, devicePixelRatio);
    const player = "AudioDecoder" in window ? new SoundPlayer() : null;
    player?.mute(muted.current);
    sound.current = player;
    const video = new VideoPlayer({
      onFrame: (frame) => {
        if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
          canvas.width = frame.displayWidth;
          canvas.height = frame.displayHeight;
        }
        context.drawImage(frame, 0, 0);
        frame.close();
        counts.frames++;
      },
      askForKeyframe: () => host.askForKeyframe(),
    });
    const over = (reason: string, code: number | null) => setState((old) => (old.phase === "over" ? { ...old, code: old.code ?? code } : { phase: "over", reason, code }));
    const host = new PlayConnection(wanted(), player !== null, {
      onMessage: (message) => {
        if (message.type === "ended") return over(message.reason, null);
        const { width, height, refresh_hz } = message;
        const mode = { width, height, refresh_hz };
        if (message.type === "started") setState({ phase: "playing", mode, encoder: message.encoder, sound: message.sound, figures: null });
        else setState((old) => (old.phase === "playing" ? { ...old, mode } : old));
      },
      onMedia: (media) => {
        counts.bytes += media.payload.byteLength;
        if (media.kind === "video") video.push(media);
        else player?.push(media.timestampUs, media.payload);
      },
      onClose: (code) => over("", code),
    });
    connection.current = host;

    const stopCapture = captureInput(canvas, {
      send: (events) => {
        player?.unlock(); // whatever a person does is the gesture that browsers wait for
        host.send(events);
      },
      onEscape,
    });
    canvas.focus({ preventScroll: true });

    let resizing: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(() => {
      clearTimeout(resizing);
      resizing = setTimeout(() => host.resize(wanted()), kResizeMs);
    });
    observer.observe(canvas);

    let since = performance.now();
    const counting = setInterval(() => {
      const now = performance.now();
      const seconds = (now - since) / 1000;
      const figures = { fps: counts.frames / seconds, kbps: (counts.bytes * 8) / 1000 / seconds };
      since = now;
      counts.frames = counts.bytes = 0;
      setState((old) => (old.phase === "playing" ? { ...old, figures } : old));
    }, 1000);

    return () => {
      clearInterval(counting);
      clearTimeout(resizing);
      observer.disconnect();
      stopCapture();
      host.close();
      video.close();
      player?.close();
      connection.current = null;
      sound.current = null;
    };
  }, [round, canvasRef, onEscape]);

  return {
    state,
    again: useCallback(() => setRound((n) => n + 1), []),
    send: useCallback((events) => connection.current?.send(events), []),
    unlock: useCallback(() => sound.current?.unlock(), []),
    setMuted: useCallback((on) => {
      muted.current = on;
      sound.current?.mute(on);
    }, []),
  };
}
