import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { FakeDevicesPort } from '../testing/fake-devices-port.ts';
import { Capture } from './capture.ts';
import type { CaptureState } from './state.ts';

let clock: FakeClock;
let devices: FakeDevicesPort;
let capture: Capture;
let reports: CaptureState[];
let notices: string[];

const settle = () => clock.advance(1);

beforeEach(async () => {
  clock = new FakeClock();
  devices = new FakeDevicesPort();
  reports = [];
  notices = [];
  capture = new Capture({
    source: 'microphone',
    devices,
    clock,
    report: (state) => reports.push(state),
    notice: (code) => notices.push(code),
  });
  capture.start();
  devices.allow('microphone');
  await settle();
  expect(capture.state.status).toBe('on');
  devices.subscribe((event) => event.type === 'ended' && capture.ended());
});

describe('a change of device', () => {
  it('that ends the one before, as on iOS, is one change: nothing is started anew for that', async () => {
    capture.switchTo('headset');
    devices.unplug('microphone');
    await settle();
    expect(devices.prompts.map(({ deviceId }) => deviceId)).toEqual(['headset']);
    devices.allow('microphone');
    await settle();
    expect(devices.prompts).toEqual([]);
    expect(capture.state).toMatchObject({ status: 'on', deviceId: 'headset' });
    expect([...devices.lights]).toEqual(['microphone']);
    expect(notices).toEqual([]);
  });

  it('to one that is busy goes back to the one before, muted as it was, and says why', async () => {
    capture.mute();
    capture.switchTo('headset');
    devices.refuse('microphone', 'device-busy');
    await settle();
    expect(devices.prompts.map(({ deviceId }) => deviceId)).toEqual(['default-microphone']);
    devices.allow('microphone');
    await settle();
    expect(capture.state).toMatchObject({ status: 'muted', deviceId: 'default-microphone' });
    expect(devices.muted).toBe(true);
    expect(notices).toEqual(['device-busy']);
  });

  it('and then another, while the first is asked for, is the last', async () => {
    capture.switchTo('headset');
    capture.switchTo('desk');
    devices.allow('microphone');
    await settle();
    devices.allow('microphone');
    await settle();
    expect(capture.state).toMatchObject({ status: 'on', deviceId: 'desk' });
    expect(reports.map((state) => 'deviceId' in state && state.deviceId)).not.toContain('headset');
  });
});
