package dev.sluice.dispatch;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Task;
import dev.sluice.queue.TaskQueue;
import dev.sluice.queue.Turnstile;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Runs;
import dev.sluice.workflow.Event;
import java.time.Clock;
import java.util.List;

/** Tells the queue what it has to ask of runs and events. */
record RunReader(EventCodec codec, Clock clock, Turnstile turnstile) implements TaskQueue.Reader {
    @Override
    public String returned(Task task) {
        var event = new Event.TaskReturned(task.step(), task.attempt(), clock.instant());
        return codec.encode(event).event();
    }

    @Override
    public boolean awaits(Task task, String step) {
        return Runs.awaits(step, task.attempt());
    }

    @Override
    public void dropped(List<Delivery> deliveries) {
        turnstile.forget(deliveries);
    }
}
