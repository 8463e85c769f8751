import type { CallErrorCode } from '../../call/errors.ts';
import type { DeviceKind, LeftReason, CaptureSource } from '../../call/state.ts';

/** What happened, and the way on. */
interface Explanation {
  title: string;
  text: string;
}

const askOwner = 'Please tell the owner of this page.';
const later = 'Try again in a minute.';

const errors: Readonly<Record<CallErrorCode, Explanation>> = {
  'insecure-page': {
    title: 'This page is not secure',
    text: 'Camera and microphone need a page that begins with https://. Open that address.',
  },
  'unsupported-browser': {
    title: 'This browser cannot make calls',
    text: 'Update it, or use a current Chrome, Edge, Firefox or Safari.',
  },
  'misconfigured-tag': {
    title: 'The call is not set up',
    text: `It lacks a room or a token. ${askOwner}`,
  },
  'token-missing': {
    title: 'No permission for this room',
    text: `This page gave no token. ${askOwner}`,
  },
  'token-malformed': {
    title: 'The permission cannot be read',
    text: `This page gave something that is not a token. ${askOwner}`,
  },
  'token-expired': {
    title: 'The permission has expired',
    text: 'Reload the page for a new one.',
  },
  'token-early': {
    title: 'It is too early',
    text: 'Wait for the start of the call, and check the clock of this device.',
  },
  'token-wrong-room': {
    title: 'The permission is for another room',
    text: `Check the link you were given. ${askOwner}`,
  },
  'token-refused': {
    title: 'The permission was refused',
    text: `The call service does not accept the token. ${askOwner}`,
  },
  'token-url-unauthorized': {
    title: 'You are not signed in',
    text: 'Sign in, then try again.',
  },
  'token-url-failed': {
    title: 'This site could not let you in',
    text: `Its server gave no token. ${later}`,
  },
  'token-url-not-token': {
    title: 'This site could not let you in',
    text: `Its server gave something that is not a token. ${askOwner}`,
  },
  'token-url-timeout': {
    title: 'This site does not answer',
    text: `Its server gave no token. ${later}`,
  },
  'broker-unreachable': {
    title: 'The call service cannot be reached',
    text: 'Check your internet connection, then try again.',
  },
  'broker-misconfigured': {
    title: 'The call service is not set up',
    text: `Its keys are missing or too weak. ${askOwner}`,
  },
  'broker-failed': {
    title: 'The call service failed',
    text: later,
  },
  'room-full': {
    title: 'The room is full',
    text: 'Try again when somebody has left.',
  },
  'room-locked': {
    title: 'The room is locked',
    text: 'A host lets nobody new in for now.',
  },
  'time-over': {
    title: 'The time for this call is over',
    text: 'Ask the host for another.',
  },
  'not-allowed': {
    title: 'You are not allowed to do this',
    text: 'Your permission does not cover it. Ask the host.',
  },
  'client-too-old': {
    title: 'This page is out of date',
    text: 'Reload it, then join again.',
  },
  'rate-limited': {
    title: 'Too many attempts',
    text: later,
  },
  'sfu-refused': {
    title: 'The media service refused the call',
    text: `${later} If that does not help: ${askOwner.toLowerCase()}`,
  },
  'sfu-unreachable': {
    title: 'The media service cannot be reached',
    text: later,
  },
  'sfu-timeout': {
    title: 'The media service does not answer',
    text: later,
  },
  'media-unreachable': {
    title: 'Sound and video cannot get through',
    text: 'A firewall or a VPN may be in the way. Switch it off or use another network, then try again.',
  },
  'device-denied': {
    title: 'Access is blocked',
    text: 'Allow it beside the address of this page, and in the settings of your system. Then try again.',
  },
  'device-missing': {
    title: 'No device was found',
    text: 'Plug one in or switch it on, then try again.',
  },
  'device-busy': {
    title: 'The device is in use',
    text: 'Close the app or tab that uses it, then try again.',
  },
  'device-failed': {
    title: 'The device failed',
    text: 'Choose another, or plug it in anew, then try again.',
  },
  'device-unanswered': {
    title: 'The browser still waits for your answer',
    text: 'Look for its question beside the address, and choose Allow.',
  },
};

const left: Readonly<Record<LeftReason, Explanation>> = {
  'you-left': { title: 'You left the call', text: 'You can close this page, or go back in.' },
  ended: { title: 'The call has ended', text: 'A host ended it, or its time is over.' },
  refused: { title: 'You were not let in', text: 'The host did not accept you into this call.' },
  removed: { title: 'You were removed from the call', text: 'A host ended your part in it.' },
  replaced: {
    title: 'You continued somewhere else',
    text: 'Another window or device took your seat. You can take it back.',
  },
};

const source: Readonly<Record<CaptureSource, string>> = {
  microphone: 'Microphone',
  camera: 'Camera',
  screen: 'Share screen',
};

const device: Readonly<Record<DeviceKind, string>> = {
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
};

/** "Ana, Ben and Cleo"; of many the first two, and how many more. */
function and(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown.join('');
}

export const en = {
  /** Of the texts, for screen readers: the page around may speak another. */
  language: 'en',

  errors,
  left,
  source,
  device,

  guest: 'Guest',
  you: (name: string) => (name ? `${name} (you)` : 'You'),
  retry: 'Try again',
  backToLobby: 'Back to the lobby',
  rejoin: 'Rejoin',
  takeBack: 'Take the seat back',
  technicalDetail: 'Technical detail',
  close: 'Close',

  lobbyTitle: 'Ready to join?',
  room: (room: string) => `Room ${room}`,
  yourName: 'Your name',
  namePlaceholder: 'How others will see you',
  preview: 'Your preview',
  cameraIsOff: 'Your camera is off',
  cameraStarts: 'Starting your camera…',
  turnOnBoth: 'Turn on camera and microphone',
  allowPrompt: 'Your browser asks for permission. Choose Allow.',
  microphoneLevel: 'Microphone level',
  sayHello: 'Say hello: the bar moves when you are heard.',
  devices: 'Devices',
  systemDefault: 'Default of the system',
  unnamedDevice: (kind: DeviceKind, index: number) => `${device[kind]} ${index}`,
  join: 'Join',
  joining: 'Joining…',
  cancel: 'Cancel',
  joinsWith: {
    both: 'You join with camera and microphone.',
    camera: 'You join with the camera only.',
    microphone: 'You join with the microphone only.',
    none: 'You join without camera or microphone, and can turn them on later.',
  },

  waitingTitle: 'The host will let you in',
  waiting: 'You are in the waiting room. Keep this page open.',
  stopWaiting: 'Stop waiting',

  call: (room: string) => `Call in ${room}`,
  callControls: 'Call controls',
  participants: 'Participants',
  turnOn: { microphone: 'Unmute (M)', camera: 'Turn on the camera (V)', screen: 'Share your screen (S)' },
  turnOff: { microphone: 'Mute (M)', camera: 'Turn off the camera (V)', screen: 'Stop sharing (S)' },
  leave: 'Leave',
  tile: {
    muted: 'microphone off',
    speaking: 'speaking',
    away: 'reconnecting',
    noVideo: 'Video does not get through',
  },
  pages: 'Pages of participants',
  previousPage: 'Previous page',
  nextPage: 'Next page',
  pageOf: (page: number, pages: number) => `${page} of ${pages}`,
  screenOf: (name: string) => `Screen of ${name}`,
  youAreMuted: 'You are muted.',
  youShare: 'You are sharing your screen.',
  stopSharing: 'Stop sharing',
  alone: 'You are the only one here',
  waitForOthers: 'Others will appear here when they join.',

  reconnectingMedia: 'The connection was lost. Reconnecting…',
  mediaFailed: 'Sound and video could not be restored.',
  reconnectingRoom: 'Reconnecting to the room. Sound and video go on.',
  connecting: 'Connecting sound and video…',
  endsWithin: (minutes: number) => `The call ends in less than ${minutes} min.`,
  soundBlocked: 'Your browser holds the sound back.',
  unblockSound: 'Tap to hear',

  host: {
    menu: 'Host controls',
    mute: (name: string) => `Mute ${name}`,
    stopVideo: (name: string) => `Stop the video of ${name}`,
    remove: (name: string) => `Remove ${name}`,
    muteAll: 'Mute all',
    lock: 'Lock the room',
    unlock: 'Unlock the room',
    end: 'End for all',
  },

  waitingRoom: 'Waiting room',
  waits: (name: string) => `${name} is waiting`,
  admit: 'Admit',
  refuse: 'Refuse',
  admitAll: 'Admit all',

  joined: (names: readonly string[]) => `${and(names)} joined`,
  gone: (names: readonly string[]) => `${and(names)} left`,
  shares: (names: readonly string[]) => `${and(names)} ${names.length > 1 ? 'share' : 'shares'} the screen`,
};
