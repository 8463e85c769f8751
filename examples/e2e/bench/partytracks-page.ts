/** Runs in a page. A participant by the published partytracks package, in the order that is best for its first frame. */
import { PartyTracks, type TrackMetadata } from 'partytracks/client';
import { from, of, switchMap } from 'rxjs';

declare global {
  /**
   * Joins: pulls these tracks and pushes camera and microphone, all asked for at once. `onTrack` hears of each track that
   * is pulled, and again of the one in its place after a recovery.
   */
  var joinByPartytracks: (
    remotes: readonly TrackMetadata[],
    onTrack?: (track: MediaStreamTrack) => void,
  ) => { pushed: Promise<void> };
}

globalThis.joinByPartytracks = (remotes, onTrack = () => undefined) => {
  // With servers given, it does not ask for any before it begins.
  const tracks = new PartyTracks({ prefix: '/partytracks', iceServers: [] });
  for (const remote of remotes) tracks.pull(of(remote)).subscribe(onTrack);
  const stream = navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const pushes = (['audio', 'video'] as const).map((kind) => {
    const own = from(stream).pipe(switchMap((all) => all.getTracks().filter((track) => track.kind === kind)));
    return new Promise<void>((resolve) => void tracks.push(own).subscribe(() => resolve()));
  });
  return { pushed: Promise.all(pushes).then(() => undefined) };
};
