package dev.sluice.inference;

import dev.sluice.queue.Keys;
import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Visit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the journal has a call: with its run, or under a name that a client gave it.
 *
 * @param partition of the run; empty: the call is of no run, and no lines are kept
 * @param keys journal; of a run also its ledger, and the run, with which both live and die
 * @param answer field of the answer; @param buyer field of who buys it
 */
record JournalPlace(Optional<Partition> partition, List<String> keys, String answer, String buyer) {
    /** What a call begins with that a client of the proxy has named, by its Idempotency-Key. */
    static final String CLIENT = "client:";

    /** 24 h: as long as clients may expect an Idempotency-Key to be known. */
    private static final Duration CLIENT_KEPT = Duration.ofHours(24);

    /** 40 days: for a run that is deleted, or was never there, while its models are asked. */
    private static final Duration ORPHAN_KEPT = Duration.ofDays(40);

    /** Empty when nothing of the call is journaled. */
    static Optional<JournalPlace> of(Account account, String call) {
        Optional<Partition> partition = RunId.partition(account.run());
        if (partition.isEmpty() && !call.startsWith(CLIENT)) return Optional.empty();
        // A step that a reset or a fork begins anew has another key, and the same answers.
        String names = Names.join(Visit.withoutResets(account.step()), call);
        List<String> keys = partition
                .map(p -> List.of(
                        Keys.journal(p, account.run()), Keys.ledger(p, account.run()), Keys.run(p, account.run())))
                .orElseGet(() -> List.of(ModelKeys.journal(account.tenant(), call)));
        return Optional.of(new JournalPlace(partition, keys, "a|" + names, "o|" + names));
    }

    /** How long it is kept where no run deletes it. */
    Duration kept() {
        return partition.isPresent() ? ORPHAN_KEPT : CLIENT_KEPT;
    }

    String journal() {
        return keys.getFirst();
    }

    /** Field that tells which line of the ledger is the exchange's. */
    static String line(String exchange) {
        return "l|" + exchange;
    }
}
