package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.observability.autoconfigure.KimiObservabilityAutoConfiguration;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What is current in callbacks of an application. */
@Timeout(120)
class CallbackObservationTest {

    private final Queue<String> parents = new ConcurrentLinkedQueue<>();

    @Test
    void a_call_made_in_a_callback_belongs_to_the_caller_s_observation_and_not_to_the_first_call() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new Parents());
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(Reply.text("First.").after(Duration.ofMillis(50)), Reply.text("Second."));
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(
                            TaskExecutionAutoConfiguration.class,
                            KimiAutoConfiguration.class,
                            KimiObservabilityAutoConfiguration.class))
                    .withBean(ObservationRegistry.class, () -> registry)
                    .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl())
                    .run(context -> {
                        KimiClient client = context.getBean(KimiClient.class);
                        Observation.createNotStarted("http.server.requests", registry)
                                .observe(() -> client.chatAsync(ChatRequest.of("First?"))
                                        .thenCompose(first -> client.chatAsync(ChatRequest.of("Second?")))
                                        .join());
                    });
        }

        assertThat(parents).containsExactly("http.server.requests", "http.server.requests");
    }

    private final class Parents implements ObservationHandler<Observation.Context> {
        @Override
        public void onStart(Observation.Context context) {
            ObservationView parent = context.getParentObservation();
            if (KimiObservation.REQUEST.getName().equals(context.getName())) {
                parents.add(name(parent));
            }
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        private String name(@Nullable ObservationView parent) {
            return parent == null
                    ? "none"
                    : String.valueOf(parent.getContextView().getName());
        }
    }
}
