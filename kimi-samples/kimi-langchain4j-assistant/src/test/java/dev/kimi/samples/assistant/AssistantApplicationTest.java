package dev.kimi.samples.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@Timeout(120)
@ResourceLock(Resources.SYSTEM_OUT)
class AssistantApplicationTest {

    private static final String MODELS = "--kimi.model=kimi-k3 --kimi.clients.claude.model=claude-sonnet-5-5";

    @Test
    void without_keys_prints_tools_memory_a_record_and_a_cancelled_stream_of_both_services() {
        String printed = printed("--kimi.api-key=", "--kimi.clients.claude.api-key=");

        assertThat(printed.split("\nclaude-sonnet-5-5"))
                .hasSize(2)
                .allSatisfy(service -> assertThat(service)
                        .containsPattern("calls forecast \\{\"city\":\"Bern\"}\\R  gave rain, 9 degrees")
                        .contains("Yes: it rains in Bern tomorrow.")
                        .containsPattern("calls forecast \\{\"city\":\"Rome\"}\\R  gave sun, 24 degrees")
                        .contains("No: Rome has sun")
                        .contains("Luggage[city=Bern, umbrella=true, clothes=[rain coat, pullover, boots]]")
                        .containsPattern("\\(\\d+ tokens in, \\d+ of them cached, \\d+ out\\)")
                        .containsPattern("Bern lies between .* \\.\\.\\. \\(cancelled\\)"));
        assertThat(printed).startsWith("\nkimi-k3").doesNotContain("No response");
    }

    @Test
    void says_why_there_is_no_response_and_goes_on_with_the_next() {
        assertThat(printed(
                        "--kimi.api-key=sk-test",
                        "--kimi.base-url=http://127.0.0.1:1",
                        "--kimi.retry.max-attempts=1",
                        "--kimi.clients.claude.api-key="))
                .containsPattern("(?s)kimi-k3.*No response: .*claude-sonnet-5-5.*Luggage.*cancelled");
    }

    private static String printed(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            AssistantApplication.main(
                    Stream.of(args, MODELS.split(" ")).flatMap(Stream::of).toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
