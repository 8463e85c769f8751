/** The widget's browser tests, with their counts written to the file named by TEST_REPORT. */
import { writeFileSync } from 'node:fs';
import config from '../widget/web-test-runner.config.mjs';

const counts = {
  onTestRunFinished({ sessions }) {
    const report = { passed: 0, failed: 0, skipped: 0 };
    for (const session of sessions) {
      if (!session.passed && !session.testResults) report.failed++;
      if (session.testResults) count(session.testResults, report);
    }
    writeFileSync(process.env.TEST_REPORT, JSON.stringify(report));
  },
};

function count(suite, report) {
  for (const test of suite.tests) report[test.skipped ? 'skipped' : test.passed ? 'passed' : 'failed']++;
  for (const inner of suite.suites) count(inner, report);
}

export default { ...config, reporters: [...(config.reporters ?? []), counts] };
