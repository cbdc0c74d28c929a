// The API as the contract describes it: paths, bodies and answers are typed by schema.d.ts, generated from api/openapi.json.
import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type SessionStats = Schemas["SessionStats"];
export type Device = Schemas["Device"];
export type Rights = Schemas["Rights"];
export type Pairing = Schemas["PairingOverview"];
export type Setting = Schemas["Setting"];
export type GameEntry = Schemas["GameEntry"];
export type Display = Schemas["Display"];
export type Encoder = Schemas["Encoder"];
export type LogEntry = Schemas["LogEntry"];
export type HostInfo = Schemas["HostInfo"];
export type Me = Schemas["Me"];
/** Why the host refused, where it says so in a word of the contract's. */
export type ErrorCode = NonNullable<Schemas["ApiError"]["code"]>;

export const api = createClient<paths>({ cache: "no-store" });

/** What the host refused. `status` and `code` are what code decides by; the text is the host's own, in English, for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
    readonly code: ErrorCode | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The host did not answer at all: it is restarting, or the network is gone. */
export class HostAway extends Error {
  constructor() {
    super("the host does not answer");
    this.name = "HostAway";
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function text(error: unknown, response: Response): string {
  if (typeof error === "object" && error !== null && "error" in error && typeof error.error === "string") return error.error;
  return `${response.status} ${response.statusText}`.trim();
}

/** A word of a host that is newer than this page is looked up in vain, which is as good as none. */
function code(error: unknown): ErrorCode | null {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? (error.code as ErrorCode) : null;
}

/** The answer's body, or an ApiError or HostAway. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await request;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new HostAway();
  }
  const { data, error, response } = result;
  if (!response.ok) {
    const retry = Number(response.headers.get("Retry-After"));
    throw new ApiError(response.status, text(error, response), Number.isFinite(retry) && retry > 0 ? retry : null, code(error));
  }
  return data as T;
}
