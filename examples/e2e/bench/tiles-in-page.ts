/** Runs in the page. Resolves once the tiles of all these people show a picture, and each of them another frame. */
export async function awaitPictures(names: readonly string[]): Promise<void> {
  const tiles = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      ...(element.localName === 'rc-participant-tile' ? [element] : []),
      ...(element.shadowRoot ? tiles(element.shadowRoot) : []),
    ]);
  const videoOf = (name: string) =>
    tiles(document)
      .find((tile) => tile.shadowRoot?.querySelector('.name')?.textContent?.trim().endsWith(name))
      ?.shadowRoot?.querySelector('video.shown');
  const shown = async (name: string): Promise<void> => {
    let video = videoOf(name);
    while (!(video instanceof HTMLVideoElement)) {
      await new Promise(requestAnimationFrame);
      video = videoOf(name);
    }
    const isShown = video;
    await new Promise((resolve) => isShown.requestVideoFrameCallback(resolve));
  };
  await Promise.all(names.map(shown));
}
