package dev.kimi.springai;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.unavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.observability.MicrometerCallListener;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.Disposable;

@Timeout(60)
class ObservationsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator simulator = EXTENSION.simulator();
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final List<Observation.Context> stopped = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch modelStopped = new CountDownLatch(1);
    private KimiClient client;

    private KimiChatModel model(Service service) {
        registry.observationConfig().observationHandler(new Recorder());
        client = EXTENSION.track(service.client(simulator)
                .listener(MicrometerCallListener.observations(registry))
                .build());
        return KimiChatModel.builder(client).observationRegistry(registry).build();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private final class Recorder implements ObservationHandler<Observation.Context> {
        @Override
        public void onStop(Observation.Context context) {
            stopped.add(context);
            if (context instanceof ChatModelObservationContext) {
                modelStopped.countDown();
            }
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    private List<String> names() {
        synchronized (stopped) {
            return stopped.stream().map(Observation.Context::getName).sorted().toList();
        }
    }

    private ChatModelObservationContext ofTheModel() {
        synchronized (stopped) {
            return stopped.stream()
                    .filter(ChatModelObservationContext.class::isInstance)
                    .map(ChatModelObservationContext.class::cast)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_call_is_one_observation_of_spring_ai_around_one_of_the_client(boolean streamed) {
        simulator.reply(unavailable(), text("Blue."));
        KimiChatModel model = model(Service.KIMI);

        if (streamed) {
            model.stream(new Prompt("Why?")).blockLast();
        } else {
            model.call(new Prompt("Why?"));
        }

        assertThat(simulator.requests()).hasSize(2);
        assertThat(names()).containsExactly("gen_ai.client.operation", "kimi.client.request");
        assertThat(stopped)
                .filteredOn(context -> context.getName().equals("kimi.client.request"))
                .singleElement()
                .satisfies(context -> assertThat(context.getParentObservation())
                        .isNotNull()
                        .satisfies(parent -> assertThat(parent.getContextView()).isSameAs(ofTheModel())));
        assertThat(ofTheModel().getResponse().getResult().getOutput().getText()).isEqualTo("Blue.");
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void the_observation_names_provider_and_model(Service service) {
        simulator.reply(text("Blue."));

        model(service).call(new Prompt("Why?"));

        assertThat(ofTheModel().getLowCardinalityKeyValues())
                .extracting(tag -> tag.getKey() + "=" + tag.getValue())
                .contains(
                        "gen_ai.system=" + (service == Service.KIMI ? "moonshot_ai" : "anthropic"),
                        "gen_ai.request.model=" + service.model(),
                        "gen_ai.response.model=" + service.model());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_failed_call_is_observed_with_its_failure(boolean streamed) {
        simulator.reply(Reply.error(400, "invalid_request_error", "no"));
        KimiChatModel model = model(Service.KIMI);

        assertThatThrownBy(() -> {
                    if (streamed) {
                        model.stream(new Prompt("Why?")).blockLast();
                    } else {
                        model.call(new Prompt("Why?"));
                    }
                })
                .isInstanceOf(InvalidRequestException.class);

        assertThat(ofTheModel().getError()).isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void a_stream_that_is_disposed_of_ends_its_observation() throws Exception {
        simulator.reply(text("The sky is blue since the air scatters light.").stallAfterEvents(6));
        CountDownLatch arrived = new CountDownLatch(1);

        Disposable stream = model(Service.KIMI).stream(new Prompt("Why?")).subscribe(piece -> arrived.countDown());
        arrived.await();
        stream.dispose();
        modelStopped.await();

        assertThat(ofTheModel().getError()).isNull();
        simulator.awaitAborted(1).get();
    }

    @Test
    void a_stream_is_observed_below_the_observation_of_its_subscriber() {
        simulator.reply(text("Blue."));
        KimiChatModel model = model(Service.KIMI);
        Observation outer = Observation.start("outer", registry);

        model.stream(new Prompt("Why?"))
                .contextWrite(context -> context.put("micrometer.observation", outer))
                .blockLast();
        outer.stop();

        assertThat(ofTheModel().getParentObservation()).isSameAs(outer);
    }

    /** Tracing takes the span of the thread as the parent where it differs from that of the parent observation. */
    @Test
    void a_stream_starts_in_the_scope_of_the_observation_of_its_subscriber() {
        simulator.reply(text("Blue."));
        KimiChatModel model = model(Service.KIMI);
        Observation outer = Observation.start("outer", registry);
        List<Observation> current = new ArrayList<>();
        registry.observationConfig().observationHandler(new ObservationHandler<ChatModelObservationContext>() {
            @Override
            public void onStart(ChatModelObservationContext context) {
                current.add(registry.getCurrentObservation());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ChatModelObservationContext;
            }
        });

        Observation.start("of the thread", registry)
                .observe(() -> model.stream(new Prompt("Why?"))
                        .contextWrite(context -> context.put("micrometer.observation", outer))
                        .blockLast());
        outer.stop();

        assertThat(current).containsExactly(outer);
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @Test
    void a_stream_without_context_is_observed_below_the_observation_of_its_thread() {
        simulator.reply(text("Blue."));
        KimiChatModel model = model(Service.KIMI);
        Observation outer = Observation.createNotStarted("outer", registry);

        outer.observe(() -> model.stream(new Prompt("Why?")).blockLast());

        assertThat(ofTheModel().getParentObservation()).isSameAs(outer);
    }
}
