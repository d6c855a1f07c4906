package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a response's Markdown becomes, and what it must not become. */
class ChatPageMarkdownTest extends PageFixture {

    private static final String EVERYTHING = """
            ## Plan

            Some **bold**, *slanted*, ~~struck~~ and `code`; see https://example.invalid/a or [there](https://example.invalid/b).

            1. one
               - inner
            2. [x] two

            > quoted

            | left | right |
            | --- | ---: |
            | a<br>b | 2 |

            ```java
            int two = 1 + 1; // sum
            ```

            Euler wrote $e^{i\\pi} + 1 = 0$, and

            $$
            \\int_0^1 x^2 \\, dx = \\frac{1}{3}
            $$
            """;

    @Test
    void markdown_code_and_formulas_are_shown_as_what_they_mean() {
        converse("All", EVERYTHING);

        assertThat(browser.words(".prose h4")).isEqualTo("Plan");
        assertThat(browser.words(".prose strong")).isEqualTo("bold");
        assertThat(browser.words(".prose em")).isEqualTo("slanted");
        assertThat(browser.words(".prose s")).isEqualTo("struck");
        assertThat(browser.run("return [...document.querySelectorAll('.prose a')].map((a) => a.href + a.rel)"))
                .isEqualTo(List.of(
                        "https://example.invalid/anoopener noreferrer nofollow",
                        "https://example.invalid/bnoopener noreferrer nofollow"));
        assertThat(browser.words(".prose ol li li")).isEqualTo("inner");
        assertThat(browser.words(".prose ol > li:last-child")).contains("☑ two");
        assertThat(browser.words(".prose blockquote")).isEqualTo("quoted");
        assertThat(browser.words(".prose td")).isEqualTo("a\nb");
        assertThat(browser.run("return getComputedStyle(document.querySelector('.prose td.right')).textAlign"))
                .isEqualTo("right");
        assertThat(browser.words(".code figcaption")).isEqualTo("java");
        assertThat(browser.words(".code .hljs-comment")).isEqualTo("// sum");
        assertThat(count(".math .katex")).isEqualTo(2);
        assertThat(count(".math-display .katex-display")).isEqualTo(1);
        assertThat(count(".katex [style]")).isPositive();
        assertThat(browser.run("return document.fonts.check('1em KaTeX_Main')")).isEqualTo(true);
    }

    @Test
    void bold_in_chinese_closes_after_a_full_width_mark() {
        converse("Bold", "这是**“重点”**内容，还有**括号（注）**后面。");

        assertThat(browser.run("return [...document.querySelectorAll('.prose strong')].map((b) => b.textContent)"))
                .isEqualTo(List.of("“重点”", "括号（注）"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "It is $5 and $6.",
                "From $5-$10, or 5$ to 6$.",
                "$5 (was $6)",
                "$1,000 for one and 2,000$ for two",
                "花了$5和6$。",
                "$HOME/$USER and $PATH:$HOME",
                "`$x$` and `\\(y\\)`",
                "```\n$x$\n$$y$$\n```",
                "\\$x\\$",
                "$ x $ and $$ alone",
            })
    void prices_variables_and_code_are_no_formulas(String text) {
        converse("Price", text);

        assertThat(count(".katex, .math, .math-source")).isZero();
        assertThat(browser.words(".prose")).contains("$");
    }

    private static Stream<Arguments> formulas() {
        return Stream.of(
                Arguments.of("$x$", 1),
                Arguments.of("It is $n$-th, then $m$th.", 2),
                Arguments.of("$5$ and $6$", 2),
                Arguments.of("\\(a\\) and \\[b\\]", 2),
                Arguments.of("$$a$$", 1),
                Arguments.of("\\[\nc\n\\]", 1),
                Arguments.of("* item\n  $$\n  d\n  $$", 1),
                Arguments.of("Then\n$$\ne\n\n= f\n$$\nfollows.", 1),
                Arguments.of("$5 (was $6), so $x$", 1),
                Arguments.of("| a |\n| --- |\n| $x$ |", 1),
                Arguments.of("$\\boxed{\\text{花} \\cancel{x}} \\\\ 2$", 1),
                Arguments.of("$\\colorbox{red}{x}$ and $\\sqrt{\\color{#f00}{y}}$", 2));
    }

    @ParameterizedTest
    @MethodSource("formulas")
    void formulas_are_found_however_they_are_marked(String text, int formulas) {
        converse("Formula", text);

        assertThat(count(".math > .katex, .math > .katex-display")).isEqualTo(formulas);
    }

    @Test
    void a_formula_that_cannot_be_read_stays_as_it_was_written() {
        converse("Formula", "$\\frac{1}$ and $\\href{javascript:alert(1)}{x}$");

        assertThat(browser.words(".prose")).contains("$\\frac{1}$");
        assertThat(count(".prose a")).isZero();
    }

    private static Stream<String> hostile() {
        return Stream.of(
                "<script>window.harmed = true</script>",
                "<img src=x onerror='window.harmed = true'>",
                "<svg onload='window.harmed = true'><style>body { display: none }</style></svg>",
                "<style>body { display: none }</style>",
                "<p style='position: fixed; inset: 0'>x</p>",
                "<a href='javascript:harmed = true'>x</a>",
                "<iframe srcdoc='<script>parent.harmed = true</script>'></iframe>",
                "<math><mi xlink:href='javascript:harmed = true'>x</mi></math>",
                "[x](javascript:window.harmed=true)",
                "[x](JaVaScRiPt&colon;window.harmed=true)",
                "[x](data:text/html,<script>parent.harmed=true</script>)",
                "![x](https://example.invalid/?secret)",
                "![x](javascript:window.harmed=true)",
                "```\"><script>window.harmed=true</script>\nx\n```",
                "```java onload=x\n</code></pre><script>window.harmed = true</script>\n```",
                "$\\htmlStyle{position:fixed}{x} \\includegraphics{https://example.invalid/x}$");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void a_hostile_response_harms_nobody(String text) {
        converse("Harm", text + "\n\nStill here.");

        assertThat(browser.words(".prose")).contains("Still here.");
        assertHarmless();
    }

    /** As if the parser had let it through: what cleans up after it must do so alone. */
    @ParameterizedTest
    @MethodSource("hostile")
    void hostile_html_is_cleaned_before_it_gets_into_the_page(String html) {
        converse("Harm", "Still here.");

        browser.await("""
                const { fragment } = await import("/safe.js");
                document.querySelector(".prose").append(fragment(arguments[0]));""", html);

        assertHarmless();
        // The browser mentions what its policy would have stopped too.
        assertThat(browser.console()).allMatch(line -> line.contains("Content Security Policy"));
    }

    private static void assertHarmless() {
        assertThat(browser.run("return window.harmed === undefined")).isEqualTo(true);
        assertThat(count(".prose :is(script, style, img, svg, iframe, object, form, input, math, [onload], [onerror])"
                        + ":not(.katex *)"))
                .isZero();
        assertThat(count(".prose :not(.katex *)[style]")).isZero();
        assertThat(browser.run("""
                return [...document.querySelectorAll(".prose a[href]")]
                    .every((a) => /^(https?|mailto):/.test(a.protocol))""")).isEqualTo(true);
    }

    @Test
    void the_page_runs_no_script_of_its_own_text_and_loads_nothing_from_elsewhere() throws Exception {
        String policy = application
                .get("/")
                .headers()
                .firstValue("content-security-policy")
                .orElse("");

        assertThat(policy)
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe", "http", "data:", "*");
        assertThat(application.get("/").body())
                .doesNotContain("https://", "http://", "<style", " style=", "onclick")
                .containsPattern("<script defer src=\"webjars/");
    }

    @Test
    void finished_blocks_and_list_items_are_drawn_once() {
        Object drawn = browser.await("""
                const { StreamText } = await import("/stream-text.js");
                const sanitize = DOMPurify.sanitize;
                let characters = 0;
                DOMPurify.sanitize = (html, rules) => { characters += html.length; return sanitize.call(DOMPurify, html, rules); };
                const root = document.createElement("div");
                root.className = "prose";
                document.body.append(root);
                const text = new StreamText(root);
                const pieces = [];
                for (let i = 0; i < 200; i++) {
                  pieces.push(`Paragraph **${i}**`, ` with some words.\\n\\n`);
                }
                for (let i = 0; i < 200; i++) {
                  pieces.push(`- item ${i}`, ` with words\\n`);
                }
                pieces.push("\\nText\\n\\n```java\\n");
                for (let i = 0; i < 200; i++) {
                  pieces.push(`int a${i}`, ` = ${i};\\n`);
                }
                let first;
                for (const piece of pieces) {
                  text.append(piece);
                  text.draw(true);
                  first ??= root.firstElementChild;
                }
                const item = root.querySelector("li");
                text.draw(false);
                DOMPurify.sanitize = sanitize;
                const result = [characters / text.source.length, item === root.querySelector("li"),
                  root.querySelectorAll("p").length, root.querySelectorAll("li").length,
                  root.querySelectorAll("ul").length, root.querySelector("code").textContent.split("\\n").length,
                  root.firstElementChild.textContent];
                root.remove();
                return result;""");

        List<?> result = (List<?>) drawn;
        // Drawn whole at each step it would be several hundred times.
        assertThat(((Number) result.get(0)).doubleValue()).isLessThan(12);
        assertThat(result.subList(1, 7)).isEqualTo(List.of(true, 201L, 200L, 1L, 201L, "Paragraph 0 with some words."));
    }

    @Test
    void streamed_in_small_pieces_it_ends_as_if_it_had_come_at_once() {
        Object same = browser.await("""
                const { StreamText } = await import("/stream-text.js");
                const draw = (pieces) => {
                  const root = document.createElement("div");
                  const text = new StreamText(root);
                  pieces.forEach((piece) => { text.append(piece); text.draw(true); });
                  text.draw(false);
                  return root.innerHTML.replace(/\\s+/g, " ");
                };
                const source = arguments[0];
                const whole = draw([source]);
                return [1, 2, 3, 7].map((size) => draw(source.match(new RegExp(`[^]{1,${size}}`, "g"))) === whole);""", EVERYTHING + """

                1. loose

                2. list
                1.5 is a number
                - then a list
                  ```sh
                  echo $HOME
                  ```
                - [named][1] **bold** and `code`

                $$ alone

                Words.

                [1]: https://example.invalid/named
                """);

        assertThat(same).isEqualTo(List.of(true, true, true, true));
    }

    @Test
    void bold_that_has_begun_shows_without_its_marks() {
        kimi.latency(Latency.of(Duration.ZERO, Duration.ofMillis(1)));
        kimi.reply(Reply.text("Ice is **very light and it floats** on water.").stallAfterEvents(6));
        ask("Ice");

        browser.awaitShown(RUNNING + " .prose strong");
        assertThat(browser.words(".prose")).doesNotContain("*");
    }

    private static int count(String selector) {
        return ((Number) browser.run("return document.querySelectorAll(arguments[0]).length", selector)).intValue();
    }
}
