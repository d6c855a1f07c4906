package dev.kimi.samples.bulk;

/**
 * Where a question stands in the input.
 *
 * @param index its place among the lines that are not blank, from 0
 * @param line its line in the file, from 1
 * @param id its own id, empty when it has none
 */
record InputLine(int index, int line, String id) {}
