package dev.kimi.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A fault to be planted in a copy of the sources. They are kept as text:
 *
 * <pre>
 * # What is wrong
 * file internal/call/Call.java
 * - a line of that file
 * + what stands there instead
 * by LimitGateTest
 * </pre>
 *
 * Lines that begin with {@code -} must stand together, and once, in the file; white space around them does not count.
 * Several such places, in several files, may follow each other. Without {@code by} the simulation must find the fault;
 * with it, the simulation cannot, and that test must.
 *
 * @param name what is wrong
 * @param changes what to change
 * @param foundBy the simple name of the test class that must find it
 */
record PlantedFault(String name, List<Change> changes, String foundBy) {

    static final String SIMULATION = "SimulationTest";

    private record Change(String file, List<String> before, List<String> after) {}

    static List<PlantedFault> read(Path file) throws IOException {
        List<PlantedFault> faults = new ArrayList<>();
        String name = "";
        String source = "";
        String foundBy = SIMULATION;
        List<Change> changes = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            Change last = changes.isEmpty() ? null : changes.get(changes.size() - 1);
            if (line.startsWith("# ")) {
                if (!changes.isEmpty()) {
                    faults.add(new PlantedFault(name, List.copyOf(changes), foundBy));
                }
                name = line.substring(2).strip();
                foundBy = SIMULATION;
                changes.clear();
                source = "";
            } else if (line.startsWith("file ")) {
                source = line.substring(5).strip();
            } else if (line.startsWith("by ")) {
                foundBy = line.substring(3).strip();
            } else if (line.startsWith("+") && last != null) {
                last.after.add(line.substring(1));
            } else if (line.startsWith("-")) {
                if (last == null || !last.after.isEmpty() || !last.file.equals(source)) {
                    last = new Change(source, new ArrayList<>(), new ArrayList<>());
                    changes.add(last);
                }
                last.before.add(line.substring(1).strip());
            }
        }
        faults.add(new PlantedFault(name, List.copyOf(changes), foundBy));
        return faults;
    }

    /**
     * The sources with the fault, by their paths.
     *
     * @throws IllegalStateException if the sources have changed, so that it is not clear where the fault belongs
     */
    Map<String, String> plant(Path sources) throws IOException {
        Map<String, List<String>> changed = new LinkedHashMap<>();
        for (Change change : changes) {
            List<String> lines = changed.get(change.file);
            if (lines == null) {
                lines = new ArrayList<>(Files.readAllLines(sources.resolve(change.file)));
                changed.put(change.file, lines);
            }
            int at = place(change, lines);
            lines.subList(at, at + change.before.size()).clear();
            lines.addAll(at, change.after);
        }
        Map<String, String> planted = new LinkedHashMap<>();
        changed.forEach((file, lines) -> planted.put(file, String.join("\n", lines)));
        return planted;
    }

    private int place(Change change, List<String> lines) {
        int found = -1;
        for (int at = 0; at + change.before.size() <= lines.size(); at++) {
            boolean here = true;
            for (int i = 0; i < change.before.size() && here; i++) {
                here = lines.get(at + i).strip().equals(change.before.get(i));
            }
            if (here && found >= 0) {
                throw new IllegalStateException("stands twice in " + change.file + ": " + change.before);
            }
            found = here ? at : found;
        }
        if (found < 0) {
            throw new IllegalStateException("stands no longer in " + change.file + ": " + change.before);
        }
        return found;
    }
}
