import type { Browser, Page } from 'playwright-core';
import type { BenchContext, BenchGroup, Measured } from './bench-group.ts';
import { joinByPartytracks, joinCold, openPublisher } from './join-clients.ts';
import { usedPorts, watchMedia, type MediaReturn } from './media-watch.ts';
import { Namespace } from './namespace.ts';
import { withBrowser, type Stage } from './stage.ts';
import type { Row } from './table.ts';

interface Recovery {
  client: 'widget' | 'partytracks';
  /** From the loss to sound and picture; why not, where they did not come. */
  outcome: MediaReturn | { failure: string };
}

const PATIENCE_MS = 30_000;
const FLOWING_MS = 2_000;
const SOUND_MOST_MS = { death: 3_000, address: 8_000 };

/** The way of the media is lost, once without a word and once with the address: until it is back. */
export const recoveryGroup: BenchGroup = {
  name: 'recovery',
  title: 'losing the way of the media, with the widget and with partytracks at once',
  async run(context: BenchContext): Promise<Measured> {
    const { backstage, isQuick, progress } = context;
    const stage = await backstage.stage();
    const repetitions = isQuick ? 1 : 2;
    const deaths: Recovery[] = [];
    await withBrowser(async (browser) => {
      for (let repetition = 0; repetition < repetitions; repetition++) {
        progress(`a silent death, ${repetition + 1} of ${repetitions}`);
        const lose = cutTheirPorts(stage);
        deaths.push(...(await measure({ publishing: browser, receiving: browser, stage, inside: stage, lose })));
      }
    });
    const changes: Recovery[] = [];
    const notes: string[] = [];
    const obstacle = Namespace.obstacle();
    if (obstacle) notes.push(`an address that changes was not measured: ${obstacle}`);
    else {
      progress('an address that changes');
      changes.push(...(await changeAddress(stage)));
    }
    return {
      raw: { deaths, changes },
      rows: [
        ...rowsOf('a silent death of the transport', deaths, SOUND_MOST_MS.death),
        ...(changes.length > 0 ? rowsOf('an address that changes', changes, SOUND_MOST_MS.address) : []),
      ],
      notes: [...notes, ...failuresOf([...deaths, ...changes])],
    };
  },
};

interface Loss {
  /** Whoever publishes loses nothing. */
  publishing: Browser;
  receiving: Browser;
  stage: Stage;
  /** As the two clients see it that lose their way. */
  inside: Stage;
  lose: (pages: readonly Page[]) => Promise<void>;
}

async function measure({ publishing, receiving, stage, inside, lose }: Loss): Promise<Recovery[]> {
  const room = `bench-recovery-${crypto.randomUUID()}`;
  const publisher = await openPublisher(publishing, stage, room);
  const widget = await joinCold(receiving, inside, room);
  const partytracks = await joinByPartytracks(receiving, inside, room);
  await widget.page.waitForTimeout(FLOWING_MS);
  const watches = [widget, partytracks].map(({ page }) => watchMedia(page, PATIENCE_MS).catch(tellFailure));
  await lose([widget.page, partytracks.page]);
  const [ours, theirs] = await Promise.all(watches);
  await Promise.all([widget.leave().catch(() => undefined), partytracks.leave(), publisher.context().close()]);
  return [
    { client: 'widget', outcome: ours! },
    { client: 'partytracks', outcome: theirs! },
  ];
}

function cutTheirPorts({ door }: Stage) {
  return async (pages: readonly Page[]) => {
    const ports = await Promise.all(pages.map(usedPorts));
    door.relay.cut(ports.flat());
  };
}

/** The browser sits in a network namespace of its own, whose address is taken away and replaced. */
async function changeAddress(stage: Stage): Promise<Recovery[]> {
  const namespace = Namespace.create();
  const door = await stage.openDoor(namespace.hostAddress);
  try {
    const inside = { ...stage, door };
    await namespace.forward(Number(new URL(inside.door.site.url).port));
    const lose = () => Promise.resolve(namespace.changeAddress());
    return await withBrowser((publishing) =>
      withBrowser((receiving) => measure({ publishing, receiving, stage, inside, lose }), namespace),
    );
  } finally {
    door.shut();
    namespace.remove();
  }
}

function rowsOf(what: string, recoveries: readonly Recovery[], soundMost: number): Row[] {
  const figures = (client: Recovery['client'], kind: keyof MediaReturn) =>
    recoveries
      .filter((recovery) => recovery.client === client)
      .map(({ outcome }) => ('failure' in outcome ? PATIENCE_MS : outcome[kind]));
  const row = (kind: keyof MediaReturn): Row => ({
    what: `${what}: to ${kind}`,
    unit: 'ms',
    here: figures('widget', kind),
    beside: { what: 'partytracks', figure: figures('partytracks', kind) },
  });
  return [{ ...row('sound'), budget: { of: 'here', most: soundMost } }, row('picture')];
}

function failuresOf(recoveries: readonly Recovery[]): string[] {
  return recoveries.flatMap(({ client, outcome }) =>
    'failure' in outcome ? [`${client}: ${outcome.failure}, counted as ${PATIENCE_MS} ms`] : [],
  );
}

function tellFailure(error: unknown): Recovery['outcome'] {
  return { failure: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
}
