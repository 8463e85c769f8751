import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';

test('is a certificate that others can read, signed by its own key, with the fingerprint it claims', () => {
  const now = Date.UTC(2026, 0, 15);
  const made = makeCertificate(now);
  const certificate = new X509Certificate(made.certificatePem);
  expect(certificate.fingerprint256).toBe(made.fingerprint);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(made.privateKeyPem))).toBe(true);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(now);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(now);
});
