package dev.kimi.sim;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Plants one fault at a time in a copy of the sources, and has the simulation look for it, in a JVM of its own. Started
 * by the profile {@code planted}; ends with 1 when a fault is not found by what must find it.
 */
final class PlantedFaults {

    private static final Pattern PROMISE = Pattern.compile("broke a promise, (?:call \\d+: )?(.*)");
    private static final Pattern NUMBER = Pattern.compile("This was schedule number (\\d+)");
    private static final long MINUTES = Long.getLong("kimi.planted.minutes", 4);
    private static final String FAILED = "FAILED ";
    private static final int LONGEST_REASON = 110;

    private final Path sources;
    private final Path folder;

    private PlantedFaults(Path sources, Path folder) {
        this.sources = sources;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            System.exit(test(arguments[0]));
        }
        String only = System.getProperty("kimi.planted.only", "").toLowerCase(Locale.ROOT);
        PlantedFaults planted = new PlantedFaults(
                Path.of(System.getProperty("kimi.planted.sources")),
                Path.of(System.getProperty("kimi.planted.folder")));
        boolean good = true;
        System.out.println("| fault | found by | after schedules | by this promise |");
        System.out.println("| --- | --- | --- | --- |");
        for (PlantedFault fault : PlantedFault.read(Path.of(System.getProperty("kimi.planted.faults")))) {
            if (fault.name().toLowerCase(Locale.ROOT).contains(only)) {
                good &= planted.look(fault);
            }
        }
        System.exit(good ? 0 : 1);
    }

    private boolean look(PlantedFault fault) throws IOException, InterruptedException {
        Path classes = folder.resolve("classes");
        try {
            plant(fault, classes);
        } catch (IllegalStateException e) {
            System.out.println("| " + fault.name() + " | **does not apply** | | " + e.getMessage() + " |");
            return false;
        }
        boolean simulated = fault.foundBy().equals(PlantedFault.SIMULATION);
        Trial simulation = run(classes, PlantedFault.SIMULATION);
        Trial trial = simulated || simulation.found ? simulation : run(classes, fault.foundBy());
        boolean asExpected = trial.found && (simulated || !simulation.found);
        String by = trial.found ? (trial == simulation ? "simulation" : fault.foundBy()) : "**nothing**";
        System.out.println("| " + fault.name() + " | " + by + (asExpected ? "" : " **unexpected**") + " | "
                + trial.schedules + " | " + trial.reason + " |");
        return asExpected;
    }

    private void plant(PlantedFault fault, Path classes) throws IOException {
        Path changed = folder.resolve("sources");
        clear(folder);
        Files.createDirectories(classes);
        List<String> arguments = new ArrayList<>(List.of("-nowarn", "-proc:none", "-g", "-d", classes.toString()));
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
        for (Map.Entry<String, String> file : fault.plant(sources).entrySet()) {
            Path copy = changed.resolve(file.getKey());
            Files.createDirectories(Objects.requireNonNull(copy.getParent()));
            Files.writeString(copy, file.getValue());
            arguments.add(copy.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler.run(null, null, null, arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException("does not compile");
        }
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private record Trial(boolean found, String schedules, String reason) {}

    private Trial run(Path classes, String test) throws IOException, InterruptedException {
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classes + File.pathSeparator + System.getProperty("java.class.path"),
                        PlantedFaults.class.getName(),
                        test)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            return new Trial(true, "", "it hangs");
        }
        String text = Files.readString(log);
        int failed = text.indexOf(FAILED);
        if (failed < 0) {
            return new Trial(process.exitValue() != 0, "", process.exitValue() != 0 ? "it ends the JVM" : "");
        }
        Matcher number = NUMBER.matcher(text);
        Matcher promise = PROMISE.matcher(text);
        String first =
                text.substring(failed + FAILED.length()).lines().findFirst().orElse("");
        String reason = promise.find() ? promise.group(1) : first;
        return new Trial(true, number.find() ? number.group(1) : "", shortened(reason.replace("|", "/")));
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "...";
    }

    /** In the JVM with the fault: runs the tests of a class, and says which failed. */
    private static int test(String simpleName) throws ClassNotFoundException {
        Logger.getLogger("").setLevel(Level.OFF);
        // the second one is run if the first finds nothing
        List<DiscoverySelector> selectors = simpleName.equals(PlantedFault.SIMULATION)
                ? List.of(
                        selectMethod(SimulationTest.class, "every_schedule_keeps_every_promise"),
                        selectMethod(RouteSimulationTest.class, "every_schedule_of_a_route_keeps_every_promise"))
                : List.of(selectClass(find(simpleName)));
        for (DiscoverySelector selector : selectors) {
            if (fails(selector)) {
                return 1;
            }
        }
        return 0;
    }

    private static boolean fails(DiscoverySelector selector) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(selector).build();
        boolean[] failed = {false};
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                // an assumption that does not hold has a throwable too
                if (result.getStatus() != TestExecutionResult.Status.FAILED) {
                    return;
                }
                result.getThrowable().ifPresent(thrown -> {
                    failed[0] = true;
                    StringWriter message = new StringWriter();
                    message.append(FAILED)
                            .append(test.getDisplayName())
                            .append(": ")
                            .append(thrown.toString());
                    System.out.println(message);
                });
            }
        });
        return failed[0];
    }

    /** The class of that name in the one of the packages that has it. */
    private static Class<?> find(String simpleName) throws ClassNotFoundException {
        for (String place : List.of(
                "sim", "internal.call", "internal.governor", "internal.endpoint", "internal.util", "quota", "retry")) {
            try {
                return Class.forName("dev.kimi." + place + "." + simpleName);
            } catch (ClassNotFoundException e) {
                // in another package
            }
        }
        throw new ClassNotFoundException(simpleName);
    }
}
