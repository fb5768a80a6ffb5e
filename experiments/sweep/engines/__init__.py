"""Who does the chunks of a sweep: processes here, a Slurm cluster, dask workers.

An engine is a module with ``run(folder, chunks, options, report)``: it has every chunk done by
`experiments.sweep.worker.work`, wherever that is, and calls ``report(run)`` for each run that is
over. It returns when all chunks are over, and raises what is the user's to mend. What was done is
not its affair: that is read from the folder.
"""
