// Owns that `vi.waitFor` is as patient as `expect.poll`, which has a setting for it.
import { vi } from 'vitest';
import { PATIENCE } from './patience.ts';

const { waitFor } = vi;

const patient: typeof waitFor = (check, options = {}) =>
  waitFor(check, typeof options === 'number' ? options : { ...PATIENCE, ...options });
Object.defineProperty(patient, 'name', { value: 'patientWaitFor' });

// The files that a worker runs share its `vi`.
if (waitFor.name !== patient.name) vi.waitFor = patient;
