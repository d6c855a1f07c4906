package dev.kimi.samples.springaichat;

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
class SpringAiChatApplicationTest {

    private static final String MODELS = "--kimi.model=kimi-k3 --kimi.clients.claude.model=claude-sonnet-5-5";

    @Test
    void without_keys_prints_rounds_memory_a_record_and_usage_of_both_services() {
        String printed = printed("--kimi.api-key=", "--kimi.clients.claude.api-key=");

        String[] services = printed.split("claude-sonnet-5-5 > Train or car");
        assertThat(services)
                .hasSize(2)
                .allSatisfy(service -> assertThat(service)
                        .containsPattern(
                                "(?s)round 1, 0 blocks.*round 2, 1 blocks.*round 3, 2 blocks of reasoning sent")
                        .contains("calls trains {\"from\":\"Bern\",\"to\":\"Zug\"}")
                        .contains("trains gave [{\"departure\":\"08:02:00\",\"minutes\":56},")
                        .contains("drive gave The two cities must not be the same.", "drive gave 85")
                        .contains("Take the train at 8:02")
                        .contains("(all rounds: 1600 tokens in, 980 of them cached, 130 out)")
                        .contains("Then the train at 8:32")
                        .contains("(streamed: 480 tokens in, 420 of them cached, 20 out)")
                        .contains("Recommendation[means=TRAIN, minutes=56, reason=Half an")
                        .contains("(record: 560 tokens in, 480 of them cached, 30 out)"));
        assertThat(printed).startsWith("\nkimi-k3 > ").doesNotContain("No response");
    }

    @Test
    void says_why_there_is_no_response_and_goes_on_with_the_next() {
        assertThat(printed(
                        "--kimi.api-key=sk-test",
                        "--kimi.base-url=http://127.0.0.1:1",
                        "--kimi.retry.max-attempts=1",
                        "--kimi.clients.claude.api-key="))
                .containsPattern("(?s)kimi-k3 > .*No response: .*claude-sonnet-5-5 > .*Recommendation");
    }

    private static String printed(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            SpringAiChatApplication.main(
                    Stream.of(args, MODELS.split(" ")).flatMap(Stream::of).toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
