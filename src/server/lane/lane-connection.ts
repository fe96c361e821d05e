/**
 * One connection in the lane: a post is taken, answered, and the next one looked at; so that answers stand in the order of
 * requests, there is never more than one under way.
 */
import type { Socket } from 'node:net';
import type { Poster } from '../single-posts.ts';

/** What a connection asks of its lane. */
export interface Lane {
  /** No request is taken any more. */
  readonly isStopping: boolean;
  /** Takes the post that the bytes begin with. @returns its length with its head; 0: it is none for the lane, nothing was done */
  take(bytes: Buffer, poster: Poster): number;
  answer(id: string, isLast: boolean): string;
  /** The socket goes on elsewhere, beginning with those bytes. */
  handOver(socket: Socket, bytes: Buffer): void;
  /** The connection is in the lane no more. */
  forget(connection: LaneConnection): void;
}

const NOTHING = Buffer.alloc(0);

export class LaneConnection implements Poster {
  readonly #socket: Socket;
  readonly #lane: Lane;
  /** The request under way, and what came behind it. */
  #bytes: Buffer = NOTHING;
  /** Length of the request under way; 0: there is none. */
  #length = 0;
  #hasEnded = false;
  /** Turns of the lane's look since the last post; undefined before the first. */
  #quietLooks: number | undefined;
  readonly #onData = (bytes: Buffer) => this.#read(bytes);
  readonly #onEnd = () => this.#end();
  readonly #onClose = () => this.#lane.forget(this);
  readonly #onError = () => {
    // The other side is gone; `close` follows.
  };

  constructor(socket: Socket, lane: Lane) {
    this.#socket = socket;
    this.#lane = lane;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('error', this.#onError);
  }

  onStored(id: string): void {
    const rest = this.#bytes.length > this.#length ? this.#bytes.subarray(this.#length) : NOTHING;
    this.#bytes = NOTHING;
    this.#length = 0;
    const socket = this.#socket;
    if (socket.destroyed) return;
    const isLast = this.#lane.isStopping || (this.#hasEnded && rest.length === 0);
    const hasRoom = socket.write(this.#lane.answer(id, isLast), 'latin1');
    if (isLast) {
      socket.destroySoon();
    } else if (rest.length > 0) {
      socket.resume();
      this.#read(rest);
    } else if (!hasRoom) {
      // Who does not read answers is slowed down elsewhere.
      this.#handOver(NOTHING);
    }
  }

  onFailed(): void {
    // Nothing was stored: it is asked again the ordinary way, which says what is wrong.
    this.#length = 0;
    if (!this.#socket.destroyed) this.#handOver(this.#bytes);
  }

  /**
   * Looked at from time to time. A connection that is quiet after a post is closed after so many looks; one that was never
   * used goes where first requests have their deadline.
   */
  look(quietLooksMax: number): void {
    if (this.#length > 0) return;
    if (this.#quietLooks === undefined) this.#handOver(NOTHING);
    else if (this.#quietLooks++ >= quietLooksMax) this.#socket.destroy();
  }

  /** Ends it as soon as nothing is owed on it. */
  endWhenAnswered(): void {
    if (this.#length === 0) this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (this.#length > 0) {
      // Sent ahead of the answer: it waits, and what follows it waits in the socket.
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#socket.pause();
      return;
    }
    this.#length = this.#lane.take(bytes, this);
    if (this.#length === 0) {
      this.#handOver(bytes);
      return;
    }
    this.#bytes = bytes;
    this.#quietLooks = 0;
    if (bytes.length > this.#length) this.#socket.pause();
  }

  #end(): void {
    this.#hasEnded = true;
    this.endWhenAnswered();
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    this.#lane.forget(this);
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.off('error', this.#onError);
    // Nothing can be put back behind its end.
    if (this.#hasEnded) socket.destroy();
    else this.#lane.handOver(socket, bytes);
  }
}
