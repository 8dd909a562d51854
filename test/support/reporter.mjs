import Mocha from 'mocha';

/** Mocha's own report, with the totals as its last line in the form that .ci/run promises. */
export default class TotalsReporter extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    // A test that did not run is no test that passed.
    process.stdout.write(`${passes} passed, ${failures + pending} failed\n`);
  }
}
