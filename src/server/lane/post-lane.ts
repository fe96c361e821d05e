/**
 * A short way for POST /log on a plain connection: a request that lies whole and plain in what the socket gave is taken
 * without node:http and the framework in between, which cost more than storing it. The lane has a single answer, 201.
 * Whatever is not plain, not allowed, not an entry or cannot be stored goes the ordinary way with its connection, not one
 * byte changed, and is answered there.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { parseDraft } from '../../entry/draft.ts';
import type { Draft } from '../../entry/entry.ts';
import { parseJson } from '../../entry/json.ts';
import type { Clock } from '../../system/clock.ts';
import { SMALL_BYTES } from '../middleware/body-budget.ts';
import { RateExceeded } from '../rate-limit.ts';
import type { Poster, SinglePosts } from '../single-posts.ts';
import { type Lane, LaneConnection } from './lane-connection.ts';
import { createLoggedAnswer, type LoggedAnswer } from './logged-answer.ts';
import { type PlainHead, readPlainHead } from './plain-head.ts';

/** How often connections that are not in use are looked at. */
const LOOK_MS = 5_000;
const HEAD_END = Buffer.from('\r\n\r\n');
/** Longer heads go the ordinary way. */
const HEAD_BYTES_MAX = 2_048;
/** Heads remembered: a client's are mostly the same. Beyond: all are forgotten. */
const HEADS_MAX = 1_000;

export interface PostLaneOptions {
  readonly posts: SinglePosts;
  readonly clock: Clock;
  /** Whether a head passes the checks of the ordinary way. For heads without Authorization, always the same answer. */
  readonly mayPost: (head: PlainHead) => boolean;
  /** A connection that is quiet for so long after a post is closed. */
  readonly keepAliveMs: number;
}

export class PostLane implements Lane {
  readonly #options: PostLaneOptions;
  readonly answer: LoggedAnswer;
  readonly #connections = new Set<LaneConnection>();
  /** Content-Length by head, of those that may post. */
  readonly #heads = new Map<string, number>();
  #ordinaryWay: (socket: Socket) => void = () => {};
  #looking: NodeJS.Timeout | undefined;
  isStopping = false;

  constructor(options: PostLaneOptions) {
    this.#options = options;
    this.answer = createLoggedAnswer(options.clock, options.keepAliveMs);
  }

  /** Stands in front of a server's own handling of connections from now on. */
  attach(server: Server): void {
    const listeners = server.listeners('connection');
    this.#ordinaryWay = (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#connections.add(new LaneConnection(socket, this)));
    const quietLooksMax = this.#options.keepAliveMs / LOOK_MS;
    this.#looking = setInterval(() => {
      for (const connection of this.#connections) connection.look(quietLooksMax);
    }, LOOK_MS);
    this.#looking.unref();
  }

  /** Takes no more; what was taken is answered, and connections end when nothing is owed on them. */
  stop(): void {
    this.isStopping = true;
    clearInterval(this.#looking);
    for (const connection of this.#connections) connection.endWhenAnswered();
  }

  /** Ends what is left, answered or not. */
  cutOff(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  take(bytes: Buffer, poster: Poster): number {
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd === -1 || headEnd > HEAD_BYTES_MAX || this.isStopping) return 0;
    const bodyBytes = this.#bodyBytes(bytes.toString('latin1', 0, headEnd));
    const bodyAt = headEnd + HEAD_END.length;
    if (bodyBytes === undefined || bytes.length < bodyAt + bodyBytes) return 0;
    const end = bodyAt + bodyBytes;
    if (this.#options.posts.takePlain(bytes, bodyAt, end, poster)) return end;
    const draft = readDraft(bytes.toString('utf8', bodyAt, end));
    return draft && this.#admit(draft, poster) ? end : 0;
  }

  handOver(socket: Socket, bytes: Buffer): void {
    // Paused, lest something is read before what is put back.
    socket.pause();
    if (bytes.length > 0) socket.unshift(bytes);
    this.#ordinaryWay(socket);
    socket.resume();
  }

  forget(connection: LaneConnection): void {
    this.#connections.delete(connection);
  }

  /** How long the body is; undefined: the head is none for the lane. */
  #bodyBytes(text: string): number | undefined {
    const known = this.#heads.get(text);
    if (known !== undefined) return known;
    const head = readPlainHead(text);
    if (!head || head.bodyBytes >= SMALL_BYTES || !this.#options.mayPost(head)) return undefined;
    // A token is compared anew each time, in the time that its own comparison takes.
    if (head.authorization === undefined) {
      if (this.#heads.size >= HEADS_MAX) this.#heads.clear();
      this.#heads.set(text, head.bodyBytes);
    }
    return head.bodyBytes;
  }

  #admit(draft: Draft, poster: Poster): boolean {
    try {
      this.#options.posts.take(draft, poster);
      return true;
    } catch (error) {
      if (error instanceof RateExceeded) return false;
      throw error;
    }
  }
}

/** Undefined: the text holds no entry. */
function readDraft(text: string): Draft | undefined {
  try {
    const parsed = parseDraft(parseJson(text));
    return parsed.ok ? parsed.draft : undefined;
  } catch {
    // Not JSON: the ordinary way says so.
    return undefined;
  }
}
