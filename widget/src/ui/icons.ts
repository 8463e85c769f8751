import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit';

const icon = (paths: SVGTemplateResult): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths}</svg>`;

const slash = svg`<path d="M4 4l16 16" />`;
const capsule = svg`<rect x="9" y="3" width="6" height="11" rx="3" />`;
const stand = svg`<path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />`;
const body = svg`<rect x="3" y="6" width="12" height="12" rx="2.5" /><path d="M15 11l6-3.5v9L15 13z" />`;
const display = svg`<rect x="3" y="4" width="18" height="13" rx="2.5" /><path d="M9 21h6" />`;

/** Drawn on a grid of 24, stroked with the text's colour. */
export const icons = {
  microphone: icon(svg`${capsule}${stand}`),
  microphoneOff: icon(svg`${capsule}${stand}${slash}`),
  camera: icon(body),
  cameraOff: icon(svg`${body}${slash}`),
  screen: icon(svg`${display}<path d="M12 13.5V8M9.5 10L12 7.5l2.5 2.5" />`),
  screenOff: icon(svg`${display}<path d="M9.5 8l5 5M14.5 8l-5 5" />`),
  devices: icon(
    svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" />`,
  ),
  sound: icon(svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />`),
  leave: icon(
    svg`<path d="M2.8 14.6c-.5-1-.4-2.3.5-3a13.9 13.9 0 0 1 17.4 0c.9.7 1 2 .5 3l-.5 1c-.3.5-.8.7-1.4.5l-3-1a1.2 1.2 0 0 1-.8-1.3l.1-1.7a11.6 11.6 0 0 0-7.2 0l.1 1.7c0 .6-.3 1.1-.8 1.3l-3 1c-.6.2-1.1 0-1.4-.5z" />`,
  ),
  warning: icon(svg`<path d="M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.2" />`),
  chevron: icon(svg`<path d="M7 10l5 5 5-5" />`),
  close: icon(svg`<path d="M6 6l12 12M18 6L6 18" />`),
  person: icon(svg`<circle cx="12" cy="8" r="4" /><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0" />`),
};
