import { html, type TemplateResult } from 'lit';
import type { CallPhase } from '../call/state.ts';
import './call-screen/call-screen.ts';
import './lobby-screen/lobby-screen.ts';
import './message-screen/message-screen.ts';
import { strings } from './strings/strings.ts';

/**
 * The screen of a phase. The lobby stays until one is in the call, so that the preview does too.
 * Every part is exported, so that `realtime-call::part(…)` reaches it.
 */
export function renderScreen(phase: CallPhase['phase']): TemplateResult {
  switch (phase) {
    case 'lobby':
    case 'joining':
    case 'waiting':
      return html`<rc-lobby-screen
        lang=${strings.language}
        exportparts="preview, control, name-field, join-button"
      ></rc-lobby-screen>`;
    case 'in-call':
      return html`<rc-call-screen
        lang=${strings.language}
        exportparts="tile, stage, control-bar, control, leave-button, panel, notice"
      ></rc-call-screen>`;
    case 'left':
    case 'failed':
      return html`<rc-message-screen lang=${strings.language} exportparts="panel, primary-button"></rc-message-screen>`;
  }
}
