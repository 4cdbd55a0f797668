package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.RetryPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test method a {@link VirtualSluice} of its own: workflows run in the JVM on the machine of production,
 * with virtual time, without Redis.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SluiceExtension sluice = SluiceExtension.create();
 *
 * @Test
 * void anUnansweredApprovalIsEscalatedAfterThreeDays() {
 *     var flow = sluice.deploy(Path.of("examples/workflows/approval.yaml"));
 *     RunUnderTest run = flow.start("{expense: 'e-1', amount: 900}");
 *     assertThat(run).listensAt("askLead");
 *     run.advance(Duration.ofDays(3));
 *     assertThat(run).listensAt("askManager");
 *     run.approve("{expense: 'e-1', approved: true}");
 *     assertThat(run).succeeded().hasOutput("{expense: 'e-1', outcome: 'paid', by: 'manager'}");
 * }
 * }</pre>
 *
 * Or {@code @ExtendWith(SluiceExtension.class)} and a parameter of the type {@link VirtualSluice}. Tests that run at
 * the same time do not see each other's. When a test fails, the histories of its runs are published as a report entry.
 */
public final class SluiceExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    /** By thread: a static extension is shared by tests that may run at the same time. */
    private final ThreadLocal<VirtualSluice> current = new ThreadLocal<>();

    private final Instant start;
    private final RetryPolicy policy;

    /** For {@code @ExtendWith}. */
    public SluiceExtension() {
        this(VirtualSluice.START, RetryPolicy.DEFAULT);
    }

    private SluiceExtension(Instant start, RetryPolicy policy) {
        this.start = start;
        this.policy = policy;
    }

    /** Tests begin on 2026-01-01 at midnight, UTC, with the retry policy that Sluice has by default. */
    public static SluiceExtension create() {
        return new SluiceExtension();
    }

    /** The same with another time at which tests begin. */
    public SluiceExtension startingAt(Instant moment) {
        return new SluiceExtension(moment, policy);
    }

    /** The same with another retry policy for calls whose step does not say otherwise. */
    public SluiceExtension retrying(RetryPolicy other) {
        return new SluiceExtension(start, other);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        current.set(new VirtualSluice(start, policy));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        VirtualSluice sluice = current.get();
        current.remove();
        if (context.getExecutionException().isEmpty()) return;
        for (RunUnderTest run : sluice.runs()) context.publishReportEntry(run.id(), run.story());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == VirtualSluice.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return sluice();
    }

    /** That of the test under way. @throws NullPointerException outside of a test method */
    public VirtualSluice sluice() {
        return Objects.requireNonNull(current.get(), "there is a VirtualSluice only while a test method runs");
    }

    /** See {@link VirtualSluice#deploy(String)}. */
    public Deployed deploy(String source) {
        return sluice().deploy(source);
    }

    /** See {@link VirtualSluice#deploy(Path)}. */
    public Deployed deploy(Path file) {
        return sluice().deploy(file);
    }

    /** See {@link VirtualSluice#function}. */
    public FunctionScript function(String name) {
        return sluice().function(name);
    }

    /** See {@link VirtualSluice#model}. */
    public ModelScript model(String name) {
        return sluice().model(name);
    }

    /** See {@link VirtualSluice#secret}. */
    public void secret(String name, JsonNode value) {
        sluice().secret(name, value);
    }

    /** See {@link VirtualSluice#inject}. */
    public void inject(Fault... faults) {
        sluice().inject(faults);
    }

    /** See {@link VirtualSluice#now}. */
    public Instant now() {
        return sluice().now();
    }

    /** See {@link VirtualSluice#advance}. */
    public void advance(Duration time) {
        sluice().advance(time);
    }

    /** See {@link VirtualSluice#send(JsonNode)}. */
    public void send(JsonNode event) {
        sluice().send(event);
    }

    /** See {@link VirtualSluice#send(String, String)}. */
    public void send(String type, String data) {
        sluice().send(type, data);
    }

    /** See {@link VirtualSluice#runs}. */
    public List<RunUnderTest> runs() {
        return sluice().runs();
    }

    /** See {@link VirtualSluice#calls(String)}. */
    public List<Call> calls(String function) {
        return sluice().calls(function);
    }

    /** See {@link VirtualSluice#lastCall}. */
    public Call lastCall(String function) {
        return sluice().lastCall(function);
    }

    /** See {@link VirtualSluice#result}. */
    public void result(Call call, Answer answer) {
        sluice().result(call, answer);
    }

    /** See {@link VirtualSluice#heartbeat}. */
    public void heartbeat(Call call) {
        sluice().heartbeat(call);
    }

    /** See {@link VirtualSluice#crashAtEveryStep}. */
    public int crashAtEveryStep(VirtualSluice.Scenario scenario) {
        return VirtualSluice.crashAtEveryStep(scenario);
    }
}
