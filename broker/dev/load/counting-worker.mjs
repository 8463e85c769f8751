/** The broker, and beside it how often any room has come to life: to ask that wakes none. */
import worker, { RoomObject as Room } from '../../src/worker.ts';

let lives = 0;

export class RoomObject extends Room {
  constructor(ctx, env) {
    super(ctx, env);
    lives += 1;
  }
}

// oxlint-disable-next-line import/no-default-export -- the form the runtime asks for
export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === '/lives' ? Response.json(lives) : worker.fetch(request, env, context),
};
