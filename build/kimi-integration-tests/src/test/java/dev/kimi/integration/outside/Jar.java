package dev.kimi.integration.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An executable jar that a Maven of its own has built.
 *
 * @param boot the line of Spring Boot that it is built with, such as {@code 4.0}
 * @param module the module of {@code src/it/outside} that it comes from
 * @param aheadOfTime whether it runs with what was generated ahead of time
 */
record Jar(String boot, String module, boolean aheadOfTime) {

    private static final Path FOLDER = Path.of(System.getProperty("kimi.outside"));
    private static final String BOOT = "boot-";

    static Stream<Jar> of(String module) {
        return boots().stream().map(boot -> new Jar(boot, module, false));
    }

    static Stream<Jar> bothWays(String module) {
        return of(module).flatMap(jar -> Stream.of(jar, new Jar(jar.boot(), module, true)));
    }

    /** The jar of that name that the build has staged for the applications. */
    static Path staged(String name) throws IOException {
        String fileName = name.substring(name.lastIndexOf('/') + 1);
        try (Stream<Path> files = Files.walk(FOLDER.resolve("repository/dev/kimi"))) {
            return files.filter(file -> file.endsWith(fileName)).findFirst().orElseThrow();
        }
    }

    Path path() {
        return FOLDER.resolve(BOOT + boot).resolve("outside").resolve(module).resolve("target/" + module + ".jar");
    }

    @Override
    public String toString() {
        return module + " on Boot " + boot + (aheadOfTime ? " ahead of time" : "");
    }

    private static List<String> boots() {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString())
                    .filter(name -> name.startsWith(BOOT))
                    .map(name -> name.substring(BOOT.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
