package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ServiceRequest;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EndpointTest {

    private final VirtualTime time = new VirtualTime();
    private final List<TransportRequest> sent = new ArrayList<>();

    private final Transport transport = new Transport() {
        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            sent.add(request);
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    };

    private final ExchangeHandler ignored = new ExchangeHandler() {
        @Override
        public void onHeaders(int status, Headers headers) {}

        @Override
        public void onBody(ByteBuffer chunk) {}

        @Override
        public void onComplete(Headers trailers) {}

        @Override
        public void onFailure(TransportFailure failure) {}
    };

    private final ModelCards cards = new ModelCards.Settings().cards();

    private Endpoint endpoint(String base, ModelNames models) {
        Random random = new Random(1);
        EndpointSettings place = new EndpointSettings(
                "kimi",
                URI.create(base),
                new OpenAiProtocol(),
                true,
                models,
                cards,
                "test/1",
                BookingPolicy.CAP_BOOKED,
                new RetrySettings(RetryPolicy.never(), true, random));
        Account account = new Account("kimi", Quota.unlimited(), time, time, random);
        return new Endpoint(place, account, CredentialsProvider.apiKey("sk-test"), transport);
    }

    @Test
    void models_of_one_class_share_limits_and_the_cap_of_a_request_without_one_is_the_models() {
        Endpoint endpoint = endpoint("https://kimi.test", ModelNames.asAsked("kimi-k3"));

        assertThat(endpoint.limitTarget(chat("claude-opus-4-8")).modelClass()).isEqualTo("claude-opus-4");
        assertThat(endpoint.quotaRequest(chat("claude-opus-4-6")).modelClass()).isEqualTo("claude-opus-4");
        assertThat(endpoint.quotaRequest(chat("claude-opus-5-5")).modelClass()).isEqualTo("claude-opus-5-5");
        assertThat(endpoint.quotaRequest(chat("kimi-k3.1-pro")).outputCap()).isEqualTo(131_072);
        assertThat(endpoint.quotaRequest(chat("unknown")).outputCap()).isEqualTo(32_768);
    }

    private static CallRequest.Chat chat(String model) {
        return new CallRequest.Chat(
                ChatRequest.builder().model(model).user("hello").build(), false);
    }

    private static String body(EncodedRequest request) {
        return new String(request.body().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void callers_name_models_as_the_endpoint_of_their_client_does() {
        Endpoint endpoint = endpoint("https://kimi.test", ModelNames.asAsked("kimi-k3"));
        CallRequest unnamed = new CallRequest.Chat(ChatRequest.of("hello"), false);

        assertThat(body(endpoint.encode(unnamed))).contains("\"model\":\"kimi-k3\"");
        assertThat(body(endpoint.encode(chat("kimi-k2.6")))).contains("\"model\":\"kimi-k2.6\"");
        assertThat(endpoint.modelOf(chat("kimi-k2.6"))).isEqualTo("kimi-k2.6");
        assertThat(endpoint.modelOf(new CallRequest.Models(null, null))).isNull();
    }

    @Test
    void elsewhere_a_model_has_its_name_there_or_is_the_one_that_is_standard_there() {
        Endpoint endpoint = endpoint("https://other.test", new ModelNames("large", Map.of("kimi-k2.6", "small")));

        assertThat(body(endpoint.encode(chat("kimi-k2.6")))).contains("\"model\":\"small\"");
        assertThat(body(endpoint.encode(chat("kimi-k3")))).contains("\"model\":\"large\"");
        assertThat(endpoint.modelOf(chat("kimi-k3"))).isEqualTo("large");
    }

    @Test
    void the_same_request_is_written_the_same_every_time() {
        Endpoint endpoint = endpoint("https://kimi.test", ModelNames.asAsked("kimi-k3"));

        assertThat(endpoint.encode(chat("kimi-k3")).body().bytes())
                .isEqualTo(endpoint.encode(chat("kimi-k3")).body().bytes());
    }

    @Test
    void what_is_sent_goes_below_the_base_url_with_credentials_that_no_header_of_a_caller_replaces() {
        Endpoint endpoint = endpoint("https://kimi.test/moonshot", ModelNames.asAsked("kimi-k3"));
        EncodedRequest request = endpoint.encode(new CallRequest.Raw(
                ServiceRequest.get("/v1/files").header("x-team", "blue").header("x-account-key", "a caller's"), false));

        endpoint.send(request, Credentials.header("X-Account-Key", "ours"), time, time.nanoTime() + 1_000, ignored);

        TransportRequest last = sent.get(0);
        assertThat(last.method() + " " + last.target()).isEqualTo("GET /moonshot/v1/files");
        assertThat(last.headers().first("x-team")).isEqualTo("blue");
        List<String> keys = new ArrayList<>();
        last.headers().forEach((name, value) -> {
            if (name.equalsIgnoreCase("x-account-key")) {
                keys.add(value);
            }
        });
        assertThat(keys).containsExactly("ours");
        assertThat(last.headers().first("accept")).isEqualTo("application/json");
    }

    @Test
    void what_is_sent_says_how_long_the_call_still_has() {
        Endpoint endpoint = endpoint("https://kimi.test", ModelNames.asAsked("kimi-k3"));
        EncodedRequest request = endpoint.encode(chat("kimi-k3"));

        endpoint.send(request, Credentials.bearer("sk"), time, time.nanoTime() + 1_000, ignored);

        assertThat(sent.get(0).hasDeadline()).isTrue();
        assertThat(sent.get(0).remainingNanos()).isEqualTo(1_000);
    }
}
