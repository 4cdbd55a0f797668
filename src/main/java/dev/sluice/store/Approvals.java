package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.store.Latest.Position;
import dev.sluice.workflow.Approval;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What persons are asked at this moment, kept by the commits: nobody looks through the runs that wait. */
@ApplicationScoped
public class Approvals {
    private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})_([\\w-]{1,4000})");

    /** @param askedAt when the step began to wait */
    public record Open(Approval approval, Instant askedAt) {}

    /** @param next cursor of the following page; empty on the last one */
    public record Page(List<Open> approvals, Optional<String> next) {}

    private final RedisLink redis;
    private final Partitions partitions;
    private final Payloads payloads;

    Approvals(RedisLink redis, Partitions partitions, Payloads payloads) {
        this.redis = redis;
        this.partitions = partitions;
        this.payloads = payloads;
    }

    static String member(String run, String step) {
        return run + "\n" + step;
    }

    private static String run(String member) {
        return member.substring(0, member.indexOf('\n'));
    }

    /**
     * The open ones, the newest first.
     *
     * @throws IllegalArgumentException when {@code cursor} is not one
     */
    public Page page(Optional<String> cursor, int limit) {
        var keys = partitions.all().stream().map(Keys::approvals).toList();
        Latest.Page page = Latest.page(redis, keys, cursor.map(Approvals::parse), limit);
        var requests = page.positions().stream()
                .map(position -> RedisLink.request(
                        Command.HGET, Keys.approvalRequests(partition(position.member())), position.member()))
                .toList();
        List<Response> events = requests.isEmpty() ? List.of() : redis.sendAll(requests);
        var open = new ArrayList<Open>();
        for (int i = 0; i < events.size(); i++) {
            Position position = page.positions().get(i);
            read(position.member(), events.get(i))
                    .ifPresent(a -> open.add(new Open(a, Instant.ofEpochMilli(position.at()))));
        }
        Optional<String> next = page.isLast()
                ? Optional.empty()
                : Optional.of(cursor(page.positions().getLast()));
        return new Page(open, next);
    }

    /** What the step of the run asks; empty when it does not ask. */
    public Optional<Approval> find(String run, String step) {
        Optional<Partition> p = RunId.partition(run);
        if (p.isEmpty()) return Optional.empty();
        String member = member(run, step);
        return read(member, redis.send(Command.HGET, Keys.approvalRequests(p.get()), member));
    }

    private Optional<Approval> read(String member, Response event) {
        return Optional.ofNullable(event)
                .flatMap(packed -> Approval.of(run(member), payloads.unpack(packed.toString())));
    }

    private static Partition partition(String member) {
        return RunId.partition(run(member)).orElseThrow();
    }

    private static String cursor(Position position) {
        return position.at() + "_"
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(position.member().getBytes(StandardCharsets.UTF_8));
    }

    private static Position parse(String cursor) {
        Matcher matcher = CURSOR.matcher(cursor);
        if (!matcher.matches()) throw new IllegalArgumentException("not a cursor: " + cursor);
        byte[] member = Base64.getUrlDecoder().decode(matcher.group(2));
        return new Position(Long.parseLong(matcher.group(1)), new String(member, StandardCharsets.UTF_8));
    }
}
