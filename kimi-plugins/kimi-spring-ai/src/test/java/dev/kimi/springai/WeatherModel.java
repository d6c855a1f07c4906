package dev.kimi.springai;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;

/** A model that looks up the weather of three cities at once and then reports it, as Spring AI's own tests ask. */
final class WeatherModel implements AutoCloseable {

    private final KimiSimulator simulator = KimiSimulator.start();
    private final KimiClient client;

    WeatherModel(Service service) {
        client = service.client(simulator).build();
        simulator
                .reply(reasoning("Three cities.")
                        .thenText("I look. ")
                        .thenToolCall("getCurrentWeather", in("San Francisco"))
                        .thenToolCall("getCurrentWeather", in("Tokyo"))
                        .thenToolCall("getCurrentWeather", in("Paris")))
                .otherwise(text("San Francisco has 30, Tokyo 10, Paris 15."));
    }

    private static String in(String city) {
        return "{\"location\":\"" + city + "\",\"lat\":0,\"lon\":0,\"unit\":\"C\"}";
    }

    KimiChatModel get() {
        return KimiChatModel.builder(client).build();
    }

    @Override
    public void close() {
        client.close();
        simulator.close();
        assertThat(simulator.requests())
                .isNotEmpty()
                .allSatisfy(request ->
                        assertThat(request.status()).as(request.bodyText()).isEqualTo(200));
    }
}
