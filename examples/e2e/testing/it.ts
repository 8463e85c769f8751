/* oxlint-disable no-empty-pattern -- the runner reads from the pattern what a fixture needs: here nothing */
import type { Browser } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { startTagSite } from './tag-site.ts';
import { demoUrl, launchBrowser, newRoom, Visitor, type VisitorOptions } from './visitor.ts';

/**
 * A test in a real browser. Whatever it opens is closed after it, and no page of it may have complained of anything.
 *
 * - `browser` is one for all tests of a file, `launch` starts another with other arguments.
 * - `room` is a room that no other test is in.
 * - `open` opens a page, `openTag` one with nothing but a tag with these attributes.
 * - `join` brings somebody into the room with camera and microphone.
 */
export const it = test
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('tags', { scope: 'file' }, async ({}, { onCleanup }) => {
    const tags = await startTagSite(inject('siteUrl'));
    onCleanup(() => tags.close());
    return tags;
  })
  .extend('launch', ({}, { onCleanup }) => {
    const browsers: Browser[] = [];
    onCleanup(async () => void (await Promise.all(browsers.map((browser) => browser.close()))));
    return async (...args: Parameters<typeof launchBrowser>) => {
      const browser = await launchBrowser(...args);
      browsers.push(browser);
      return browser;
    };
  })
  .extend('room', () => newRoom())
  .extend('open', ({ browser }, { onCleanup }) => {
    const visitors: Visitor[] = [];
    onCleanup(async () => {
      await Promise.all(visitors.map((visitor) => visitor.close()));
      expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([]);
    });
    return async (url: string, options?: VisitorOptions, from = browser) => {
      const visitor = await Visitor.open(from, url, options);
      visitors.push(visitor);
      return visitor;
    };
  })
  .extend('openTag', ({ open, tags }) => {
    return (attributes: Readonly<Record<string, string>>, options?: VisitorOptions) =>
      open(tags.url(attributes), options);
  })
  .extend('join', ({ open, room }) => async (name: string, options?: VisitorOptions) => {
    const visitor = await open(demoUrl(room), options);
    await visitor.askToJoin(name);
    await visitor.isInCall();
    return visitor;
  });
