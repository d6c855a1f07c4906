package dev.kimi.internal.protocol;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The long form of fuzzing: Jazzer mutates, guided by coverage, one target after another, each in a JVM of its own. The
 * profile {@code fuzz} starts it; nothing of Jazzer is on any other class path. Below the folder, each target has its
 * seeds, the corpus that grows from run to run, what was found, and the log.
 */
final class FuzzRun {

    private static final Pattern PROGRESS = Pattern.compile("#(\\d+)\\s.* cov: (\\d+) ft: (\\d+).*");
    private static final Pattern SPEED = Pattern.compile("stat::average_exec_per_sec:\\s+(\\d+)");
    private static final String EXCEPTION = "== Java Exception: ";
    private static final int LONGEST_LINE = 400;
    private static final String WRITTEN = "Test unit written to ";

    private final FuzzTarget target;
    private final Path folder;
    private String inputs = "0";
    private String coverage = "0";
    private String features = "0";
    private String speed = "0";
    private String exception = "";
    private String written = "";

    private FuzzRun(FuzzTarget target, Path root) {
        this.target = target;
        this.folder = root.resolve(target.id());
    }

    /** Ends with 1 when anything was found, or nothing could be looked for. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String names = System.getProperty("kimi.fuzz.target", "");
        double minutes = Double.parseDouble(System.getProperty("kimi.fuzz.minutes", "1"));
        Path root = Path.of(System.getProperty("kimi.fuzz.folder")).toAbsolutePath();
        List<FuzzTarget> targets = names.isBlank()
                ? List.of(FuzzTarget.values())
                : Arrays.stream(names.split(",")).map(FuzzTarget::of).toList();
        boolean clean = true;
        for (FuzzTarget target : targets) {
            clean &= new FuzzRun(target, root).run(Math.max(1, Math.round(minutes * 60)));
        }
        System.exit(clean ? 0 : 1);
    }

    private boolean run(long seconds) throws IOException, InterruptedException {
        Path log = folder.resolve("log.txt");
        prepare();
        say(target.id() + ": " + seconds + " s, log " + log);
        Process process =
                new ProcessBuilder(command(seconds)).redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                Writer out = Files.newBufferedWriter(log)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.write(line + '\n');
                out.flush();
                look(line);
            }
        }
        int status = process.waitFor();
        say(String.format(
                Locale.ROOT,
                "%s: %,d inputs, %,d a second, coverage %s, features %s, %s",
                target.id(),
                Long.parseLong(inputs),
                Long.parseLong(speed),
                coverage,
                features,
                status == 0 ? "nothing found" : "FAILED"));
        if (status != 0) {
            explain(log);
        }
        return status == 0;
    }

    private void prepare() throws IOException {
        for (String name : List.of("seeds", "corpus", "found")) {
            Files.createDirectories(folder.resolve(name));
        }
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seeds").resolve(String.valueOf(i)), seeds.get(i));
        }
        Files.write(folder.resolve("words"), Corpus.words().map(FuzzRun::quoted).toList(), StandardCharsets.US_ASCII);
    }

    /** As libFuzzer's dictionaries want it. */
    private static String quoted(String word) {
        return word.chars()
                .mapToObj(c -> String.format(Locale.ROOT, "\\x%02x", c))
                .collect(Collectors.joining("", "\"", "\""));
    }

    private List<String> command(long seconds) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm(Runtime.version().feature()));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzEntry.class.getName(),
                "--target_args=" + target.id(),
                // the JSON library too: what leads into it would look all the same otherwise; but not the targets
                "--instrumentation_includes=dev.kimi.**:tools.jackson.**",
                "--instrumentation_excludes=" + FuzzRun.class.getPackageName() + ".Fuzz*",
                "--reproducer_path=" + folder.resolve("found"),
                "-artifact_prefix=" + folder.resolve("found") + "/",
                "-dict=" + folder.resolve("words"),
                "-max_total_time=" + seconds,
                "-max_len=4096",
                "-keep_seed=1",
                "-timeout=60",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
                folder.resolve("corpus").toString(),
                folder.resolve("seeds").toString()));
        return command;
    }

    /** Little memory, so that what grows without bound is found; and what Jazzer does to a JVM is meant. */
    private static List<String> jvm(int version) {
        List<String> flags = new ArrayList<>(List.of("-Xmx512m", "-XX:+EnableDynamicAgentLoading"));
        if (version >= 22) {
            flags.add("--enable-native-access=ALL-UNNAMED");
        }
        if (version >= 24) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return flags;
    }

    private void look(String line) {
        Matcher progress = PROGRESS.matcher(line);
        Matcher rate = SPEED.matcher(line);
        if (progress.matches()) {
            inputs = progress.group(1);
            coverage = progress.group(2);
            features = progress.group(3);
        } else if (rate.matches()) {
            speed = rate.group(1);
        } else if (line.startsWith(EXCEPTION)) {
            String text = line.substring(EXCEPTION.length(), Math.min(line.length(), LONGEST_LINE));
            exception = text.replaceAll("\\p{Cntrl}", "?");
        } else if (line.contains(WRITTEN)) {
            written = line.substring(line.indexOf(WRITTEN) + WRITTEN.length());
        }
    }

    private void explain(Path log) throws IOException {
        if (written.isEmpty()) {
            List<String> lines = Files.readAllLines(log);
            lines.subList(Math.max(0, lines.size() - 20), lines.size()).forEach(FuzzRun::say);
            return;
        }
        say(exception);
        say("replay: ./mvnw -pl kimi-core -am test -Dtest=FuzzTest#an_input_from_a_file_is_read"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dkimi.fuzz.target=" + target.id()
                + " -Dkimi.fuzz.replay=" + written);
    }

    private static void say(String text) {
        System.out.println(text);
    }
}
