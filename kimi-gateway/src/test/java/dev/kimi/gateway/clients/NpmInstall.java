package dev.kimi.gateway.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The packages that {@code src/test/npm} names, installed below {@code target}. Where there is no npm, or no registry,
 * they are left out, unless {@code kimi.npm.required} is set: then that is a failure.
 */
final class NpmInstall {

    static final boolean REQUIRED = Boolean.getBoolean("kimi.npm.required");

    private static final Path SOURCE = Path.of("src/test/npm");
    private static final Path FOLDER = Path.of("target/npm");
    private static final long MINUTES = 3;

    private NpmInstall() {}

    /** Whether the packages are there; installs them first if they are not those that are named. */
    static boolean isReady() {
        try {
            Files.createDirectories(FOLDER);
            Path named = SOURCE.resolve("package.json");
            Path installed = FOLDER.resolve("installed.json");
            boolean current = Files.exists(installed) && Files.mismatch(named, installed) < 0;
            copySources();
            if (!current) {
                install();
                Files.copy(named, installed, StandardCopyOption.REPLACE_EXISTING);
            }
            return true;
        } catch (IOException e) {
            if (REQUIRED) {
                throw new UncheckedIOException("the clients from npm are required, but cannot be installed", e);
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void copySources() throws IOException {
        try (Stream<Path> sources = Files.list(SOURCE)) {
            for (Path source : sources.toList()) {
                Files.copy(source, FOLDER.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void install() throws IOException, InterruptedException {
        Process npm = new ProcessBuilder(
                        "npm",
                        "install",
                        "--no-audit",
                        "--no-fund",
                        "--no-package-lock",
                        "--ignore-scripts",
                        "--fetch-retries=1",
                        "--loglevel=error")
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("install.log").toFile())
                .start();
        if (!npm.waitFor(MINUTES, TimeUnit.MINUTES)) {
            npm.destroyForcibly();
            throw new IOException("npm install has not ended within " + MINUTES + " minutes");
        }
        if (npm.exitValue() != 0) {
            throw new IOException("npm install has ended with " + npm.exitValue() + "; see target/npm/install.log");
        }
    }

    /** Runs a script with the URL of the gateway. */
    static Process node(String script, String url) {
        try {
            return new ProcessBuilder("node", script, url)
                    .directory(FOLDER.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
