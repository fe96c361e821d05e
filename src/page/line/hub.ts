/**
 * The live streams of a browser: pages join, and all of them share one stream, whose query lets through what any of them
 * wants. A query with a regular expression, which the server may have to cut off, gets a stream of its own.
 */
import { parseQuery } from '../../entry/query/parse.ts';
import { someNode } from '../../entry/query/query.ts';
import type { FromHub, ToHub } from './messages.ts';
import { Member, Trunk } from './trunk.ts';

const SHARED = 'shared';

export class Hub {
  readonly #trunks = new Map<string, Trunk>();

  /** A page has come. @returns what it says goes here */
  connect(tell: (message: FromHub) => void): (message: ToHub) => void {
    let member: Member | undefined;
    let trunk: Trunk | undefined;
    const leave = () => {
      if (member) trunk?.leave(member);
      member = undefined;
      trunk = undefined;
    };
    return (message) => {
      switch (message.kind) {
        case 'join':
          leave();
          member = new Member(message, tell);
          trunk = this.#trunkFor(message.query);
          trunk.join(member);
          break;
        case 'leave':
          leave();
          break;
        case 'here':
          if (member) trunk?.hear(member);
          break;
        case 'online':
          trunk?.retryNow();
          break;
        default:
          message satisfies never;
      }
    };
  }

  #trunkFor(query: string | undefined): Trunk {
    const key = query !== undefined && hasRegex(query) ? query : SHARED;
    let trunk = this.#trunks.get(key);
    if (!trunk) {
      trunk = new Trunk(() => this.#trunks.delete(key));
      this.#trunks.set(key, trunk);
    }
    return trunk;
  }
}

function hasRegex(text: string): boolean {
  const parsed = parseQuery(text);
  return parsed.ok && someNode(parsed.query, (node) => node.kind === 'regex');
}
