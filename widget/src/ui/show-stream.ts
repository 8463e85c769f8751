/**
 * Shows a stream in the video below `root`, in silence: its sound is played elsewhere. One that was taken out of the page
 * and put back is paused, whatever its `autoplay` says; call it from `updated`, for an element that comes back renders.
 */
export function showStream(root: ParentNode, stream: MediaStream | undefined): void {
  const video = root.querySelector('video');
  if (!video || !stream) return;
  video.muted = true;
  // Even the same stream, set anew, would start again.
  if (video.srcObject !== stream) video.srcObject = stream;
  // Rejected where the next stream comes first, or power saving forbids: `autoplay` tries again by itself.
  if (video.paused) video.play().catch(() => {});
}
