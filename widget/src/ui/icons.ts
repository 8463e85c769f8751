import { html, type TemplateResult } from 'lit';

/** Drawn on a grid of 24, stroked with the text's colour. */
const icon = (path: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;

const slash = 'M4 4l16 16';
const microphone = 'M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3';
const camera = 'M5 6h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM15 11l6-3.5v9L15 13';
const screen = 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM9 21h6';

export const icons = {
  microphone: icon(microphone),
  microphoneOff: icon(microphone + slash),
  camera: icon(camera),
  cameraOff: icon(camera + slash),
  screen: icon(`${screen}M12 13.5V8M9.5 10L12 7.5l2.5 2.5`),
  screenOff: icon(`${screen}M9.5 8l5 5M14.5 8l-5 5`),
  devices: icon('M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 0 0 4 0a2 2 0 0 0-4 0M7 17a2 2 0 0 0 4 0a2 2 0 0 0-4 0'),
  sound: icon('M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11'),
  leave: icon('M2.5 14c0-7 19-7 19 0v2l-5 .5-.5-3q-4-1.5-8 0l-.5 3-5-.5z'),
  warning: icon('M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.2'),
  chevron: icon('M7 10l5 5 5-5'),
  previous: icon('M14 7l-5 5 5 5'),
  next: icon('M10 7l5 5-5 5'),
  close: icon('M6 6l12 12M18 6L6 18'),
  host: icon('M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5c-4.5-1.5-7.5-5-7.5-9.5V6z'),
  person: icon('M8 8a4 4 0 0 0 8 0a4 4 0 0 0-8 0M4.5 20.5a7.5 7.5 0 0 1 15 0'),
};
