package dev.sluice.queue;

import io.vertx.redis.client.Command;
import java.util.List;

/** Whoever reads more than {@code entriesMax} entries at once takes so long over them that its ownership ends. */
public final class DearInbox extends Inbox {
    private final RealRedis redis;
    private final int entriesMax;

    public DearInbox(RealRedis redis, int entriesMax) {
        super(redis.link);
        this.redis = redis;
        this.entriesMax = entriesMax;
    }

    @Override
    public List<InboxEntry> read(Partition partition, int count) {
        var entries = super.read(partition, count);
        if (entries.size() > entriesMax) redis.send(Command.DEL, Keys.owner(partition));
        return entries;
    }
}
