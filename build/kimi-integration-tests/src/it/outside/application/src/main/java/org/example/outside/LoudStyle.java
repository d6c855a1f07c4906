package org.example.outside;

import java.util.Locale;

public class LoudStyle implements Style {

    @Override
    public String apply(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
