/**
 * Plays the video below `root` that stands still. One that was taken out of the page and put back is paused, whatever its
 * `autoplay` says; call it from `updated`, for an element that comes back renders.
 */
export function keepPlaying(root: ParentNode): void {
  const video = root.querySelector('video');
  // Rejected where the next stream comes first, or power saving forbids: `autoplay` tries again by itself.
  if (video?.paused) video.play().catch(() => {});
}
