package dev.kimi.samples.vendorsdks;

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
class VendorSdksApplicationTest {

    private static final String MODELS = "--kimi.model=kimi-k3 --kimi.clients.claude.model=claude-sonnet-5-5";

    @Test
    void without_keys_prints_the_calls_of_both_sdks_and_what_was_measured() {
        String printed = printed("--kimi.api-key=", "--kimi.clients.claude.api-key=");

        assertThat(printed)
                .containsPattern("openai-java, whole > \\R.{40}")
                .containsPattern("openai-java, streamed > \\R.{40}")
                .containsPattern("closed early > \\R.+closed: the service stops")
                .contains("cancelled: true")
                .containsPattern("anthropic-java, whole > \\R.{40}")
                .containsPattern("anthropic-java, streamed > \\R.{40}")
                .containsPattern("client default, operation exchange-stream, outcome success: 2 calls")
                .containsPattern("client default, operation exchange-stream, outcome cancelled: 2 calls")
                .containsPattern("client claude, operation exchange-stream, outcome success: 2 calls")
                .doesNotContain("No response");
    }

    @Test
    void says_why_there_is_no_response_and_goes_on() {
        assertThat(printed(
                        "--kimi.api-key=sk-test",
                        "--kimi.base-url=http://127.0.0.1:1",
                        "--kimi.retry.max-attempts=1",
                        "--kimi.clients.claude.api-key="))
                .containsPattern("(?s)openai-java, whole > .*No response: .*anthropic-java, whole > \\R.{40}");
    }

    private static String printed(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            VendorSdksApplication.main(
                    Stream.of(args, MODELS.split(" ")).flatMap(Stream::of).toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
