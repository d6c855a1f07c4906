package dev.kimi.samples.bulk;

import dev.kimi.BatchResult;
import dev.kimi.BatchRun;
import dev.kimi.KimiClient;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Sends every line of a file and writes one line for each, then says how it went. */
@Component
final class BulkRun implements ApplicationRunner, ExitCodeGenerator, DisposableBean {

    private static final int ALL_WELL = 0;
    private static final int SOME_FAILED = 1;
    private static final int NOTHING_RAN = 2;

    private final KimiClient kimi;
    private final BulkSettings settings;
    private final JsonMapper json;
    private final Terminal terminal;
    private final RateLimitCounter rateLimits;
    private final PrintStream err = System.err;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile @Nullable BatchRun running;
    private volatile int exitCode = NOTHING_RAN;

    BulkRun(KimiClient kimi, BulkSettings settings, JsonMapper json, Terminal terminal, RateLimitCounter rateLimits) {
        this.kimi = kimi;
        this.settings = settings;
        this.json = json;
        this.terminal = terminal;
        this.rateLimits = rateLimits;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        try {
            exitCode = send(Path.of(settings.input()));
        } finally {
            finished.countDown();
        }
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }

    /** On Ctrl-C: lets what is in flight be reported as cancelled, and the summary be printed. */
    @Override
    public void destroy() throws InterruptedException {
        BatchRun run = running;
        if (run != null) {
            run.close();
            finished.await(5, TimeUnit.SECONDS);
        }
    }

    private int send(Path input) {
        if (settings.input().isBlank()) {
            return nothing("No input was named. Add --input=prompts.jsonl, a file with a JSON object on each line.");
        }
        int total;
        try {
            total = LineReader.count(input);
        } catch (IOException e) {
            return nothing("The input " + input + " cannot be read: " + why(e) + ".");
        }
        if (total == 0) {
            return nothing("The input " + input + " has no line.");
        }
        try {
            if (!settings.output().equals("-")) {
                rejectOverwriting(input, Path.of(settings.output()));
            }
            try (LineReader lines = new LineReader(input);
                    ResultWriter results = ResultWriter.open(settings.output(), json)) {
                return send(lines, results, total);
            }
        } catch (UncheckedIOException e) {
            err.println("Stopped: the output " + settings.output() + " cannot be written: " + why(e.getCause()) + ".");
            return SOME_FAILED;
        } catch (IOException e) {
            return nothing("The output " + settings.output() + " cannot be written: " + why(e) + ".");
        }
    }

    private int send(LineReader lines, ResultWriter results, int total) {
        Tally tally = new Tally();
        try (ProgressReport report = new ProgressReport(err, terminal.capable(), total, () -> progress(tally))) {
            PromptReader prompts = new PromptReader(lines, json, settings.maxTokens(), (line, why) -> {
                tally.badLine();
                results.badLine(line, why);
                report.say("line " + line.line() + ": " + why);
            });
            BatchRun run = kimi.batch(() -> prompts);
            running = run;
            try (run) {
                for (BatchResult result : run) {
                    take(result, prompts.take(result.index()), results, tally);
                }
            } catch (IllegalStateException e) {
                report.say("Stopped: " + e.getMessage());
            }
            report.finish();
            report.say(Summary.table(state(tally, run), total, report.elapsed()));
        }
        return exitCode(tally.counts(), total);
    }

    private ProgressReport.@Nullable State progress(Tally tally) {
        BatchRun run = running;
        return run == null ? null : state(tally, run);
    }

    private ProgressReport.State state(Tally tally, BatchRun run) {
        return new ProgressReport.State(tally.counts(), run.progress(), rateLimits.count());
    }

    private static int exitCode(Tally.Counts counts, int total) {
        if (counts.completed() == 0) {
            return NOTHING_RAN;
        }
        return counts.succeeded() == total ? ALL_WELL : SOME_FAILED;
    }

    private static void take(BatchResult result, InputLine line, ResultWriter results, Tally tally) {
        result.response()
                .ifPresentOrElse(
                        response -> {
                            results.response(line, response);
                            tally.succeeded(response.usage());
                        },
                        () -> {
                            results.failure(line, result.failure());
                            tally.failed();
                        });
    }

    private static void rejectOverwriting(Path input, Path output) throws IOException {
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw new FileAlreadyExistsException(null, null, "it is the input");
        }
    }

    private int nothing(String why) {
        err.println(why);
        return NOTHING_RAN;
    }

    private static String why(@Nullable Exception failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file or folder";
        }
        return failure == null ? "the reason is unknown" : String.valueOf(failure.getMessage());
    }
}
