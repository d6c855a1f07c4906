package org.example.outside;

/** A service of the application, found by {@code ServiceLoader}. */
public interface Style {

    String apply(String text);
}
