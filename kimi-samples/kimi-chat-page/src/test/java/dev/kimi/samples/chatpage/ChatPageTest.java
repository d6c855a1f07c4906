package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** How a response comes, ends and looks. */
class ChatPageTest extends PageFixture {

    /** Everything that could push a narrow page sideways. */
    private static final String WIDE = """
            # Widths

            %s is one word, and so is `%s`.

            ```java
            List<String> names = people.stream().map(Person::name).filter(name -> !name.isBlank()).sorted().toList();
            ```

            | interval | first | second | third | fourth | fifth | sixth | seventh |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            | overlapping | 1,000,000 | 2,000,000 | 3,000,000 | 4,000,000 | 5,000,000 | 6,000,000 | 7,000,000 |

            - https://example.invalid/%s
            """.formatted("unbroken".repeat(20), "code".repeat(40), "path/".repeat(40));

    private static final String PROSE = """
            Ice floats because it is *less dense* than water. When water freezes, its molecules settle into an open \
            lattice held by hydrogen bonds, and the same mass takes up **about nine percent** more room.

            1. Lakes freeze from the top.
            2. The ice keeps the cold out.

            ```java
            double density = mass / volume;
            ```

            Were it the other way round, the lakes would fill with ice from the ground up, and little in them would \
            live through a winter.
            """;

    @Test
    void a_response_grows_word_by_word_under_its_folded_reasoning_and_ends_with_its_usage() {
        kimi.latency(Latency.of(Duration.ZERO, Duration.ofMillis(30)));
        kimi.reply(
                Reply.reasoning("Ice has air in it. Or has it?").thenText(PROSE).usage(1200, 345, 67));
        browser.run("""
                window.lengths = [];
                new MutationObserver(() => {
                  const prose = document.querySelector(".response.running .prose");
                  const length = prose === null ? 0 : prose.textContent.length;
                  if (length > 0 && length !== lengths.at(-1)) {
                    lengths.push(length);
                  }
                }).observe(document.getElementById("turns"), { childList: true, subtree: true, characterData: true });
                """);

        ask("Why does ice float?");

        browser.awaitShown(FINISHED + " .statistics");
        List<?> lengths = (List<?>) browser.run("return lengths");
        assertThat(lengths).hasSizeGreaterThan(3);
        assertThat(((Number) lengths.get(0)).intValue())
                .isLessThan(((Number) lengths.get(lengths.size() - 1)).intValue() / 2);
        assertThat(browser.words(".question")).contains("Why does ice float?");
        assertThat(browser.words(".prose")).contains("less dense", "live through a winter.");
        assertThat(browser.words(".statistics")).contains("1,200 tokens in (67 cached)", "345 out");

        assertThat(browser.words(".thinking summary")).startsWith("Thought for");
        assertThat(browser.shows(".thinking .thoughts")).isFalse();
        browser.click(".thinking summary");
        browser.awaitShown(".thinking .thoughts");
        assertThat(browser.words(".thinking .thoughts")).isEqualTo("Ice has air in it. Or has it?");
    }

    @Test
    void stop_ends_the_response_in_the_page_and_at_the_service() throws Exception {
        kimi.reply(Reply.text("One two three four five six seven.").stallAfterEvents(5));
        ask("Count.");
        browser.awaitWords(RUNNING + " .prose", "One two");
        assertThat(browser.shows("#send")).isFalse();

        browser.click("#stop");

        assertThat(kimi.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        browser.awaitWords(FINISHED + " .statistics", "stopped by you");
        assertThat(browser.words(".prose")).startsWith("One two").doesNotContain("seven");
        assertThat(browser.shows("#stop")).isFalse();
        assertThat(browser.shows("#send")).isTrue();
    }

    @Test
    void escape_stops_a_response_that_has_not_begun() throws Exception {
        kimi.reply(Reply.generated().stallBeforeHeaders());
        ask("Count.");
        kimi.awaitRequests(1).get(60, TimeUnit.SECONDS);
        browser.awaitShown(RUNNING + " .waiting");

        browser.type("#prompt", Keys.ESCAPE);

        assertThat(kimi.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        browser.awaitWords(FINISHED + " .statistics", "stopped by you");
    }

    @ParameterizedTest
    @CsvSource({
        "length, cut off at the length limit, true",
        "content_filter, ended by the content filter, false",
        "toString, ended with “toString”, true",
    })
    void an_unusual_ending_is_named_and_a_filtered_one_is_not_requested_again(
            String reason, String words, boolean again) {
        kimi.reply(Reply.text("One two").finishReason(reason));

        ask("Count.");

        browser.awaitWords(FINISHED + " .statistics", words);
        assertThat(browser.shows(".again")).isEqualTo(again);
    }

    @Test
    void enter_sends_and_shift_enter_begins_a_line() {
        kimi.reply(Reply.text("Read."));

        browser.type("#prompt", "First", Keys.chord(Keys.SHIFT, Keys.ENTER), "second", Keys.ENTER);

        browser.awaitWords(FINISHED + " .prose", "Read.");
        assertThat(browser.words(".question .words")).isEqualTo("First\nsecond");
        assertThat(browser.run("return document.activeElement.id")).isEqualTo("prompt");
    }

    @ParameterizedTest
    @ValueSource(ints = {360, 1280})
    void nothing_is_pushed_out_sideways(int width) throws IOException {
        browser.width(width);
        assertFits();
        kimi.reply(Reply.reasoning("wide".repeat(60)).thenText(WIDE));
        kimi.reply(limited());

        ask("wide".repeat(60));
        browser.awaitShown(FINISHED + " .statistics");
        browser.click(".thinking summary");
        browser.awaitShown(".thinking .thoughts");
        assertFits();
        ask("Again");
        browser.awaitShown(".failure");

        assertFits();
        browser.picture("width-" + width);
    }

    @Test
    void light_and_dark_are_both_readable() throws IOException {
        kimi.reply(Reply.reasoning("Density, then lakes.").thenText(PROSE).stallAfterEvents(72));
        ask("In five sentences, why does ice float?");
        browser.awaitWords(RUNNING + " .prose", "double");

        double light = groundAndItsContrast();
        browser.picture("light");
        browser.colourScheme("dark");
        double dark = groundAndItsContrast();
        browser.picture("dark");
        assertThat(browser.shows(RUNNING)).isTrue();

        assertThat(light).isGreaterThan(0.7);
        assertThat(dark).isLessThan(0.1);
    }

    /** The luminance of the ground, 0 to 1, after a look at the contrast of what is written on it. */
    private static double groundAndItsContrast() {
        List<?> found = (List<?>) browser.run("""
                const luminance = (colour) => {
                  const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
                      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                };
                const ground = luminance(getComputedStyle(document.body).backgroundColor);
                const contrasts = [".prose", ".thinking summary", "#endpoint", ".keys"].map((selector) => {
                  const ink = luminance(getComputedStyle(document.querySelector(selector)).color);
                  return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
                });
                return [ground, ...contrasts];""");
        List<Double> numbers =
                found.stream().map(number -> ((Number) number).doubleValue()).toList();
        // What WCAG 2 asks of small text.
        assertThat(numbers.subList(1, numbers.size()))
                .allSatisfy(contrast -> assertThat(contrast).isGreaterThanOrEqualTo(4.5));
        return numbers.get(0);
    }
}
