"""`python -m placement serve | api | consume | relay | deadlines | migrate`."""
from chassis.run import main
from placement.service import DECLARED

main(DECLARED)
