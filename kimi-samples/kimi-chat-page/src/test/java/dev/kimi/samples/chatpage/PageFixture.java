package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.Keys;

/** The page in a real browser, in front of the whole application. */
@Timeout(240)
abstract class PageFixture {

    static final String RUNNING = ".response.running";
    static final String FINISHED = ".response:not(.running)";

    static Browser browser;
    static Application application;
    static KimiSimulator kimi;

    @BeforeAll
    static void start() {
        browser = Browser.start();
        // A silence ends when the test ends it, however slow the machine is.
        application = new Application("--kimi.timeout.idle=5m", "--kimi.timeout.first-event=5m");
        kimi = application.kimi();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (application != null) {
            application.close();
        }
    }

    @BeforeEach
    void open() {
        kimi.reset();
        kimi.latency(Latency.none());
        browser.width(1280);
        browser.colourScheme("light");
        browser.language("en-GB");
        browser.open(application.url("/"));
        if (browser.shows("#clear")) {
            // What the last test said is kept for this tab.
            browser.click("#clear");
            browser.open(application.url("/"));
        }
        browser.awaitShown("#endpoint b");
    }

    @AfterEach
    void the_page_logs_no_error_and_calls_no_other_host() {
        assertThat(browser.console()).isEmpty();
        assertThat(browser.run("""
                return performance.getEntriesByType("resource")
                    .map((entry) => entry.name).filter((name) => new URL(name).origin !== location.origin)""")).isEqualTo(List.of());
    }

    static void ask(String question) {
        browser.type("#prompt", question, Keys.ENTER);
    }

    /** Asks, and waits for this response. */
    static void converse(String question, String response) {
        kimi.reply(Reply.text(response));
        ask(question);
        browser.awaitShown(FINISHED + ":last-child .statistics");
    }

    /** Rejects every attempt, with a short hint, since a long one holds back the whole account. */
    static Reply[] limited() {
        Reply rejection = Reply.rateLimited(Duration.ofSeconds(1));
        return new Reply[] {rejection, rejection, rejection};
    }

    /** Looks at each element, since a container that hides what sticks out makes the page itself look narrow. */
    static void assertFits() {
        Object outside = browser.run("""
                const room = document.documentElement.clientWidth;
                const scrolls = (element) => element !== null
                    && (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.id !== "scroller"
                        || scrolls(element.parentElement));
                return [...document.body.querySelectorAll("*")]
                    .filter((element) => element.checkVisibility() && !element.closest(".unseen, .katex-mathml"))
                    .filter((element) => !scrolls(element.parentElement))
                    .filter((element) => {
                      const { left, right } = element.getBoundingClientRect();
                      return left < -0.5 || right > room + 0.5;
                    })
                    .map((element) => element.outerHTML.slice(0, 80))""");
        assertThat(outside).isEqualTo(List.of());
        assertThat(browser.run("""
                return [document.documentElement, document.body, document.getElementById("scroller")]
                    .every((box) => box.scrollWidth <= box.clientWidth)""")).isEqualTo(true);
    }
}
