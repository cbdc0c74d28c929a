import type { Me } from "../api/client";

/** Only who may change things can use the console; a paired device's certificate just reads. */
export const isSignedIn = (me: Me): boolean => me.authenticated && me.admin;

/** A path of this console, for after the login; anything else could lead away from it. */
export function localPath(value: unknown): string {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : "/";
}
